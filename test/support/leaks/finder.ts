import { FORMS, type Form } from './forms';

/** What nobody may read, and what it is: only that is ever told. */
export interface Secret {
  readonly what: string;
  readonly value: string;
}

interface Hit {
  readonly what: string;
  readonly form: Form;
}

/** Which secrets stand in these bytes: each `what` once, with the form that was met last. */
export type Finder = (bytes: Uint8Array) => readonly Hit[];

/** In characters: what is shorter would be found in places that hold nothing of it. */
export const SHORTEST = 12;

interface Pattern extends Hit {
  readonly bytes: Uint8Array;
}

/** So many bytes at the end of a form are looked at first; every form is longer. */
const WINDOW = 8;
const SLOTS = 1 << 20;

/**
 * Looks for thousands of secrets in one pass: each form is filed under a number made of its last eight bytes, and only where
 * these stand is the form compared.
 */
export function makeFinder(secrets: Iterable<Secret>): Finder {
  const byEnd = new Map<number, Pattern[]>();
  const mayEnd = new Uint8Array(SLOTS);
  for (const pattern of patternsOf(secrets)) {
    const end = numberOf(pattern.bytes.subarray(-WINDOW));
    mayEnd[end & (SLOTS - 1)] = 1;
    byEnd.set(end, [...(byEnd.get(end) ?? []), pattern]);
  }
  return (bytes) => {
    const hits = new Map<string, Hit>();
    let [before, last] = [0, 0]; // the last eight bytes, as two numbers
    for (let i = 0; i < bytes.length; i += 1) {
      before = (before << 8) | (last >>> 24);
      last = (last << 8) | (bytes[i] ?? 0);
      const end = mixed(before, last);
      if (mayEnd[end & (SLOTS - 1)] === 0) continue;
      for (const { what, form, bytes: pattern } of byEnd.get(end) ?? []) {
        if (endsAt(bytes, i + 1, pattern)) hits.set(what, { what, form });
      }
    }
    return [...hits.values()];
  };
}

// Taken once: a global is slow to reach from within jest (measured: 40 times).
const { imul } = Math;

function mixed(before: number, last: number): number {
  const both = imul(before, 0x9e3779b1) ^ imul(last, 0x85ebca6b);
  return both ^ (both >>> 15);
}

function numberOf(window: Uint8Array): number {
  const view = new DataView(window.buffer, window.byteOffset, WINDOW);
  return mixed(view.getInt32(0), view.getInt32(4));
}

function endsAt(bytes: Uint8Array, end: number, pattern: Uint8Array): boolean {
  const start = end - pattern.length;
  return start >= 0 && Buffer.compare(bytes.subarray(start, end), pattern) === 0;
}

/** Each text once, under the first form that has it. */
function patternsOf(secrets: Iterable<Secret>): Iterable<Pattern> {
  const patterns = new Map<string, Pattern>();
  for (const { what, value } of secrets) {
    if (value.length < SHORTEST) throw new Error(`a value this short is found everywhere: mend the seed (${what})`);
    for (const form of Object.keys(FORMS) as Form[]) {
      for (const text of FORMS[form](value)) {
        if (!patterns.has(text)) patterns.set(text, { what, form, bytes: Buffer.from(text) });
      }
    }
  }
  return patterns.values();
}
