import { prettyFactory } from 'pino-pretty';
import { z } from 'zod';

/** Steps worth a line in the demo. The others (intent, issue, verify, sweeps, ends of jobs) are in the log as well. */
const SHOWN: readonly string[] = ['request', 'stage', 'promote', 'settle', 'give-up', 'resume'];
const LONGEST_REASON = 60;

const lineSchema = z.object({
  level: z.number(),
  msg: z.string().default(''),
  step: z.string().optional(),
  credential: z.string().optional(),
  reason: z.string().optional(),
  alarm: z.string().optional(),
  outcome: z.string().optional(),
  requestedBy: z.string().optional(),
});
type LogLine = z.output<typeof lineSchema>;

/** One line of the worker's output; undefined where it is not one of its log. */
function parseLine(text: string): LogLine | undefined {
  try {
    return lineSchema.parse(JSON.parse(text));
  } catch {
    return undefined; // Node's own words, as after a crash: they are kept in the output all the same
  }
}

const WARN = 40;
const isShown = ({ level, step, alarm }: LogLine): boolean =>
  level >= WARN || alarm !== undefined || (step !== undefined && SHOWN.includes(step));

/** The short form: credential, step or alarm, reason. */
function short(log: Readonly<Record<string, unknown>>): string {
  const line = lineSchema.parse(log);
  const what = line.alarm === undefined ? (line.step ?? '').padEnd(7) : `ALARM ${line.alarm}:`;
  const why = [line.outcome, line.reason].filter((word) => word !== undefined).join(': ') || line.msg;
  const who = line.requestedBy === undefined ? '' : ` (for ${line.requestedBy})`;
  return `${(line.credential ?? '').padEnd(14)} ${what} ${why.slice(0, LONGEST_REASON)}${who}`;
}

export interface LogLines {
  /** Takes in what the worker printed since the last call, as far as its lines are whole. */
  read(output: string): void;
  /** The last interesting lines, pretty. */
  last(n: number): readonly string[];
  /** How many lines there were of a step. */
  count(step: string): number;
}

const KEPT = 50;

export function makeLogLines(colour: boolean): LogLines {
  const pretty = prettyFactory({
    colorize: colour,
    translateTime: 'SYS:HH:MM:ss',
    ignore: 'pid,hostname',
    hideObject: true,
    messageFormat: short,
  });
  const steps = new Map<string, number>();
  let shown: string[] = [];
  let readTo = 0;
  const take = (text: string): void => {
    const line = parseLine(text);
    if (line === undefined) return;
    if (line.step !== undefined) steps.set(line.step, (steps.get(line.step) ?? 0) + 1);
    if (isShown(line)) shown = [...shown, pretty(text).trimEnd()].slice(-KEPT);
  };
  return {
    read(output) {
      const end = output.lastIndexOf('\n') + 1;
      for (const text of output.slice(readTo, end).split('\n')) take(text);
      readTo = Math.max(readTo, end);
    },
    last: (n) => shown.slice(-n),
    count: (step) => steps.get(step) ?? 0,
  };
}
