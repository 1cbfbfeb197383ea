import type { Context } from '../../src/rotation-context';
import type { Log } from '../../src/types';

/** A log that keeps its lines: level, alarm, fields in their order; ids that differ from run to run stand as what they are. */
function keepingLog(): { readonly log: Log; readonly lines: string[] } {
  const lines: string[] = [];
  const line = (words: readonly string[], fields: object): void => {
    const shown = Object.entries(fields).map(([name, value]) => `${name}=${kindOf(value)}`);
    lines.push([...words, ...shown].join(' '));
  };
  return {
    lines,
    log: {
      info: (fields) => line(['info'], fields),
      warn: (fields) => line(['warn'], fields),
      alarm: (name, fields) => line(['alarm', name], fields),
    },
  };
}

/** What is told while this is done in a context. */
export async function told(context: Context, work: (context: Context) => Promise<unknown>): Promise<string[]> {
  const { log, lines } = keepingLog();
  await work({ ...context, log });
  return lines;
}

const FORMS: readonly (readonly [RegExp, string])[] = [
  [/^intent-/, 'an-intent'],
  [/^[0-9a-f]{32}-/, 'a-value'],
  [/^[0-9a-f]{32}$/, 'a-rotation'],
  [/^[0-9a-f]{12}$/, 'a-fingerprint'],
  [/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, "another's"],
];

const kindOf = (value: unknown): string =>
  FORMS.find(([form]) => typeof value === 'string' && form.test(value))?.[1] ?? String(value);
