import { isDeepStrictEqual } from 'node:util';
import { SecretsManagerServiceException } from '@aws-sdk/client-secrets-manager';

/** An expectation that the endpoint does not meet. Messages hold the suite's own fixtures at most. */
export class Unmet extends Error {}

/** What the service may answer where the model or the service itself may notice the fault first. */
export const INVALID = ['ValidationException', 'InvalidParameterException'];

export function ok(value: unknown, message: string): asserts value {
  if (!value) throw new Unmet(message);
}

/** Deep equality; the order of an object's members does not matter. */
export function same(got: unknown, want: unknown, what: string): void {
  ok(isDeepStrictEqual(got, want), `${what}: got ${JSON.stringify(got)}, want ${JSON.stringify(want)}`);
}

/** The refusal, if it is one of these and its message matches. */
export async function refused(
  call: Promise<unknown>,
  names: string | readonly string[],
  message?: RegExp,
): Promise<SecretsManagerServiceException> {
  const wanted = [names].flat();
  const error = await refusalOf(call, wanted);
  const status = error.$metadata.httpStatusCode;
  ok(
    wanted.includes(error.name),
    `error ${error.name} (http ${status}) "${brief(error.message)}", want ${wanted.join('|')}`,
  );
  ok(
    !message || message.test(error.message),
    `${error.name} as expected, but "${brief(error.message)}" does not match ${message}`,
  );
  return error;
}

async function refusalOf(call: Promise<unknown>, wanted: readonly string[]): Promise<SecretsManagerServiceException> {
  const outcome = await call.then(
    (answer) => new Unmet(`call succeeded (${brief(JSON.stringify(answer) ?? 'no answer')}), want ${wanted.join('|')}`),
    (error: unknown) => error,
  );
  if (outcome instanceof SecretsManagerServiceException) return outcome;
  throw outcome;
}

const brief = (text: string) => text.replace(/\s+/g, ' ').slice(0, 160);

/** How a failed case is reported: an unmet expectation in its own words, anything else as unexpected. */
export function explain(error: unknown): string {
  if (error instanceof Unmet) return error.message;
  if (!(error instanceof Error)) return `unexpected ${String(error)}`;
  const status = error instanceof SecretsManagerServiceException ? error.$metadata.httpStatusCode : undefined;
  return `unexpected ${error.name} (http ${status ?? '-'}): ${brief(error.message)}`;
}

/** The names and HTTP statuses of failures, each once, for a message. */
export function failures(outcomes: readonly PromiseSettledResult<unknown>[]): string[] {
  return [...new Set(outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? explain(outcome.reason) : [])))];
}
