import { NEEDS_A_PERSON } from '../../src/rotation-context';
import { parseVersionId } from '../../src/version-ids';
import { type Audit, audit } from '../support/audit';
import type { CompanyCredential } from '../support/company';
import { type Holdings, holdingsOf } from '../support/holdings';
import { until } from '../support/until';
import { lastWords } from './last-words';
import type { OwnSandbox } from './own-sandbox';
import type { Row } from './person';
import type { Run } from './run';

/** Waits until every one of these credentials is as wanted. */
export async function everyone(
  { sandbox, crew }: Run,
  credentials: readonly CompanyCredential[],
  isSo: (holdings: Holdings) => boolean,
  withinMs: number,
): Promise<void> {
  let others: readonly string[] = [];
  const look = async (): Promise<boolean> => {
    const seen = await sandbox.seen();
    others = credentials.filter(({ secret }) => !isSo(holdingsOf(seen, secret))).map(({ id }) => id);
    return others.length === 0;
  };
  const what = () => `every credential is so far; not ${others.join(', ')}\n${lastWords(crew.lives, others)}`;
  await until(look, { withinMs, everyMs: 300, what });
}

const isForAPerson = (state: string): boolean => ['suspected', ...NEEDS_A_PERSON].includes(state);

const ASK_AFTER_MS = 10_000;

/** Waits until each of them was rotated since then, or needs a person; gives the latter. */
export async function rotated(
  run: Run,
  credentials: readonly CompanyCredential[],
  since: number,
): Promise<readonly Row[]> {
  const isDone = ({ current }: Holdings): boolean => issuedAt(current) >= since;
  let askAt = Date.now() + ASK_AFTER_MS;
  let left: readonly Row[] = [];
  let others: readonly CompanyCredential[] = credentials;
  const look = async (): Promise<boolean> => {
    const seen = await run.sandbox.seen();
    others = credentials.filter(({ secret }) => !isDone(holdingsOf(seen, secret)));
    if (others.length === 0 || Date.now() < askAt) return others.length === 0;
    askAt = Date.now() + ASK_AFTER_MS;
    const rows = await run.person.status();
    left = rows.filter(({ id, state }) => others.some((one) => one.id === id) && isForAPerson(state));
    return left.length === others.length;
  };
  const what = () => {
    const ids = others.map(({ id }) => id);
    return `everything due is rotated; not ${ids.join(', ')}\n${lastWords(run.crew.lives, ids)}`;
  };
  await until(look, { withinMs: run.quietMs, everyMs: 500, what });
  return left.filter(({ id }) => others.some((one) => one.id === id));
}

function issuedAt(version: string | undefined): number {
  const parsed = version === undefined ? undefined : parseVersionId(version);
  return parsed?.is === 'value' ? parsed.issuedAt : 0;
}

/** Until all that is under way, or was lost and listed, has come to its end. */
const REST_WITHIN_MS = 60_000;

/** What was lost as a worker died is healed by sweeps: it has its time; what is left then is a violation. */
export async function auditAtRest({ seen, company }: OwnSandbox): Promise<Audit> {
  let found = audit(await seen(), company);
  const look = async (): Promise<boolean> => {
    found = audit(await seen(), company);
    return found.violations.length === 0;
  };
  await until(look, { withinMs: REST_WITHIN_MS, everyMs: 500 }).catch(() => undefined);
  return found;
}
