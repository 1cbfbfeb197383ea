import { createHash } from 'node:crypto';
import { type Decision, paused, type State } from './decision';
import type { Provider } from './provider';
import type { SecretStore } from './secret-store';
import type { Clock, Credential, Instant, Log } from './types';

/** How long things may take; ms. The defaults are those of production, tests scale them. */
export interface Pace {
  /** Longest wait for one answer of the provider. */
  readonly providerTimeoutMs: number;
  /** While staging fails, how long the value is kept in memory and put again. */
  readonly stageForMs: number;
  /** Pauses between tries to verify a new value: propagation at the vendor is unknown (providers.md, 11). */
  readonly verifyPausesMs: readonly number[];
  readonly betweenPutsMs: number;
}

export const PACE: Pace = {
  providerTimeoutMs: 20_000,
  stageForMs: 60 * 60_000,
  verifyPausesMs: [500, 1_000, 2_000, 4_000, 8_000],
  betweenPutsMs: 500,
};

/** What the algorithm works with, for one credential. No SDK, no queue: collaborators and the clock arrive here. */
export interface Context {
  readonly credential: Credential;
  readonly provider: Provider;
  readonly store: SecretStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly pace: Pace;
  /** Waits for n places in the rate of Secrets Manager writes. */
  readonly reserveWrites: (n: number) => Promise<void>;
  /** Whether anything may be begun at the vendor; absent: always. */
  readonly gate?: AccountGate;
  /** Is the process stopping? Then nothing is begun, and what waits is left resumable. */
  readonly stopping: () => boolean;
}

/** One run before the account that it works with: while that is paused, nothing is begun there. */
export interface AccountGate {
  /** `tried`: the pause was over, and this run is the one that tries; that took time, so the labels are read again. */
  enter(): Promise<'free' | 'tried' | { readonly until: Instant }>;
  /** Until when the account is paused, as far as this run knows: what fails then is the account, not the credential. */
  pausedUntil(): Instant | undefined;
  /** The run is over. Must be called: the others wait for the one that tries. */
  leave(): Promise<void>;
}

export type OutcomeName = 'promoted' | 'settled' | 'done' | 'waits' | 'blocked' | 'refused' | 'failed';

/** Why a value is promoted that AWS did not let this worker promote. */
export const BY_ANOTHER_WORKER = 'by-another-worker';

/** How a job ended: goes into its result, the log and the status. Holds no secret. */
export interface Outcome {
  readonly outcome: OutcomeName;
  /** The version that is current, or that was settled. */
  readonly version?: string;
  readonly reason: string;
  /** When it is worth looking again. */
  readonly retryAt?: Instant;
}

/** Only a person can go on with it. */
export const NEEDS_A_PERSON: readonly State[] = [
  'blocked',
  'foreign',
  'missing',
  'being-deleted',
  'unmapped',
  'needs-import',
  'expiring',
  'expired',
];
const AT_REST: readonly State[] = ['fresh', 'retired', 'unused'];

/** How a job ends that has nothing to do, or must wait: in the words of the decision. */
export const ended = (decision: Decision): Outcome => ({
  outcome: endedAs(decision),
  reason: decision.reason,
  ...(decision.at === undefined ? {} : { retryAt: decision.at }),
});

function endedAs({ action, state }: Decision): OutcomeName {
  if (action !== 'none') return 'waits';
  if (AT_REST.includes(state)) return 'done';
  return NEEDS_A_PERSON.includes(state) ? 'blocked' : 'waits';
}

/** The next pass over the labels decides. */
export const AGAIN = Symbol('look at the labels again');
export type Next = Outcome | typeof AGAIN;

/** Names a grant in logs without telling it: a PermissionId lets an authenticated caller read the secret. */
export const fingerprint = (credential: Credential, grant: string): string =>
  createHash('sha256').update(`${credential.id} ${grant}`).digest('hex').slice(0, 12);

/** Asked before anything is begun at the vendor. Undefined: it may be. */
export async function waitsForAccount({ gate }: Context): Promise<Next | undefined> {
  const may = (await gate?.enter()) ?? 'free';
  if (may === 'free') return undefined;
  return may === 'tried' ? AGAIN : ended(paused(may.until));
}
