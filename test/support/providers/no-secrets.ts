import { inspect } from 'node:util';

/** Everything that a logger, a queue or a person could get to see of a value. */
function everythingOf(value: unknown): string {
  const text = [inspect(value, { showHidden: true, depth: 20 }), JSON.stringify(value), String(value)];
  if (value instanceof Error)
    text.push(value.message, value.stack ?? '', inspect(Object.getOwnPropertyDescriptors(value)));
  return text.join('\n');
}

/** Fails where one of the secrets shows, plainly, percent-encoded or in base64. */
export function expectNoSecrets(value: unknown, secrets: readonly string[]): void {
  const text = everythingOf(value);
  for (const secret of secrets) {
    if (secret.length < 5) throw new Error('too short to be looked for');
    for (const form of [
      secret,
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64').replace(/=+$/, ''),
    ]) {
      if (text.includes(form))
        throw new Error(`a secret shows in: ${text.split(form).join('<<SECRET>>').slice(0, 2_000)}`);
    }
  }
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
