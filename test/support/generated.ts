import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** Holds a committed file to what is made of the code; UPDATE_GENERATED=1 writes it anew. Jest runs in the root of the repository. */
export function expectCurrent(file: string, current: (text: string) => string): void {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (process.env.UPDATE_GENERATED === '1') writeFileSync(file, current(text));
  else expect(text).toBe(current(text));
}
