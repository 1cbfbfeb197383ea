import { type FaultInput, successForAnother, successWithoutSecret, wrongCasing } from '../sandbox/faults';
import type { Operation } from '../sandbox/vendor-facts/operations';
import type { Scene } from '../support/scene';
import { ISSUES, REVOKE } from '../support/vendor-calls';
import { OWN } from './planted';

/** Everything that the company has at its vendors, said back by one of them. */
const EVERYTHING = JSON.stringify({ error: 'refused', message: `you sent ${Object.values(OWN).join(', ')}` });

const echo = (route: Operation, status: number): FaultInput => ({ kind: 'answer', route, status, body: EVERYTHING });

/** What goes wrong in the answers that carry a secret. */
const WRONG_ANSWERS: readonly ((route: (typeof ISSUES)[number]) => FaultInput)[] = [
  (route) => ({ kind: 'truncated-body', route }),
  (route) => ({ kind: 'malformed-json', route }),
  (route) => ({ kind: 'error-500', route, effect: 'done' }),
  (route) => ({ kind: 'reset', route, effect: 'done' }),
  (route) => ({ kind: 'redirect', route, effect: 'done', location: 'http://127.0.0.1:1/elsewhere' }),
  (route) => wrongCasing(route, route === 'flinks-outbound.regenerate' ? 'camel' : 'snake'),
  successWithoutSecret,
  (route) => ({ kind: 'accepted-202', route, effect: 'done' }),
  (route) => ({ kind: 'delay', route, ms: 3_000, hold: 'answer' }),
  (route) => echo(route, 400),
  (route) => echo(route, 409),
  (route) => echo(route, 503),
];

const ELSEWHERE: readonly FaultInput[] = [
  // Nobody can tell that a vendor lies about the id of a grant that it has just made; whose secret it is can be told.
  successForAnother('flinks-outbound.regenerate', 'dc-somebody-else'),
  ...REVOKE.flatMap((route): FaultInput[] => [{ kind: 'html-200', route, effect: 'done' }, echo(route, 401)]),
  { kind: 'malformed-json', route: 'flinks-outbound.token' },
  echo('flinks-outbound.token', 500),
  { kind: 'throttled-401', route: 'flinks-data-sharing.generate' },
  { kind: 'throttled-429', route: 'finicity.access-key.generate', retryAfter: '1' },
  { kind: 'reset', route: 'finicity.modify-partner-secret', effect: 'done' },
  { kind: 'malformed-json', route: 'finout.view' },
];

/** The vendor refuses what the worker has for itself: to one that lives on to say so. */
export const refuseOwnCredential = ({ sandbox: { control } }: Scene): void =>
  control.addFaults(echo('flinks-outbound.token', 401));

/** Whom a wrong answer is for, so that nobody meets five, after which a person is needed; Finicity's path does not tell. */
function aimed(route: Operation, n: number): { readonly pathContains?: string } {
  return route === 'finicity.access-key.generate' ? {} : { pathContains: `${'abcdef'[n % 6]}aaa` };
}

/** The vendors answer badly in every way, and Secrets Manager takes what it is given, and says so badly. */
export function goWrong({ sandbox: { control, secretsManager } }: Scene): void {
  const wrong = WRONG_ANSWERS.flatMap((of, n) => ISSUES.map((route) => ({ ...of(route), ...aimed(route, n) })));
  control.addFaults(...wrong, ...ELSEWHERE);
  const operation = 'PutSecretValue';
  const secret = 'credentials/*';
  secretsManager.faults.add(
    { kind: 'refuse', operation, secret, skip: 3, count: 2 },
    { kind: 'error-after', operation, secret, skip: 2, count: 2 },
    { kind: 'reset-after', operation: 'UpdateSecretVersionStage', secret, count: 2 },
    { kind: 'throttle', operation: 'GetSecretValue', count: 3 },
    { kind: 'error-after', operation: 'TagResource', secret, skip: 2, count: 2 },
    { kind: 'error-before', operation: 'DescribeSecret', secret, skip: 10, count: 3 },
  );
}
