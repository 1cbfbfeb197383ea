import { inspect } from 'node:util';
import { counted, placesOfError, searchPlaces, secretsOf } from '../leaks';
import { SHORTEST } from '../leaks/finder';

/**
 * Fails where one of the secrets shows in anything that a logger, a queue or a person could make of the value. A short one
 * is a mark that many of them bear, and looked for as it is.
 */
export function expectNoSecrets(value: unknown, secrets: readonly string[]): void {
  const places = placesOfError('it', value);
  const marks = secrets.filter(({ length }) => length < SHORTEST);
  if (marks.some(({ length }) => length < 5)) throw new Error('too short to be looked for');
  const whole = secrets.filter((secret) => !marks.includes(secret));
  const leaks = counted(searchPlaces(secretsOf('a secret', whole), places));
  const marked = places.filter(({ text }) => marks.some((mark) => String(text).includes(mark)));
  const all = [...leaks, ...marked.map(({ where }) => `${where}: a mark`)];
  if (all.length > 0) throw new Error(`a secret shows: ${all.join('; ')}`);
}

/** What a promise rejects with. */
export async function failureOf(promise: Promise<unknown>): Promise<Error> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('error' in outcome && outcome.error instanceof Error) return outcome.error;
  throw new Error(`it did not fail: ${inspect(outcome)}`);
}
