import { ProviderAuthError } from '../src/errors';
import { safeError } from '../src/log';
import type { AccountQueues } from '../src/queue/account-queues';
import type { JobResult, Parsed } from '../src/queue/messages';
import type { Context, Outcome } from '../src/rotation-context';
import type { Clock, Credential, Instant, Log } from '../src/types';

/** How a job ends: with a result, or by being put off. */
export type JobEnd = { readonly result: JobResult } | { readonly notBefore: Instant };

type Fields = Readonly<Record<string, unknown>>;

export interface JobDeps {
  /** The credential of the manifest in force. */
  readonly find: (id: string) => Credential | undefined;
  /** The collaborators of the algorithm for one credential; its log lines carry the fields given. */
  readonly contextOf: (credential: Credential, fields: Fields, stopping: () => boolean) => Context;
  readonly queues: AccountQueues;
  readonly clock: Clock;
  readonly log: Log;
  /** Must this run end? Its process stops, or its job is perhaps another worker's by now. */
  readonly stopping: () => boolean;
}

/** A job waits for this long itself; what is further away a sweep finds again. */
const LONGEST_WAIT_MS = 10 * 60_000;
/** What two workers have learned of AWS's time differs by so much at most: its answers tell it in whole seconds. */
const EARLY_MS = 5_000;
/** While the process stops, its jobs are put off to whoever is there. */
const NEXT_WORKER_MS = 1_000;

/** The lines of one job say which credential, and on whose behalf. */
export const jobFields = (credential: Credential, job: Pick<CredentialJob, 'reason' | 'requestedBy'>) => ({
  credential: credential.id,
  kind: credential.kind,
  wanted: job.reason,
  ...(job.requestedBy === undefined ? {} : { requestedBy: job.requestedBy }),
});

interface CredentialJob {
  readonly credential: string;
  readonly reason: string;
  readonly requestedBy?: string | undefined;
  /** A host whose clock is ahead of another's takes what that one put off too early. */
  readonly notBefore?: Instant | undefined;
}

/** One credential's job: looked up, carried out, and its end logged in the words of its result. */
export async function forCredential<J extends CredentialJob>(
  deps: JobDeps,
  step: 'rotate' | 'revoke' | 'rollback',
  parsed: Parsed<J>,
  work: (context: Context, job: J) => Promise<Outcome>,
): Promise<JobEnd> {
  if (!parsed.ok) return refused(parsed.reason);
  const job = parsed.value;
  const credential = deps.find(job.credential);
  if (credential === undefined) return refused('unknown-credential');
  const { notBefore = 0 } = job;
  if (notBefore - deps.clock.now() > EARLY_MS) return { notBefore };
  const context = deps.contextOf(credential, jobFields(credential, job), deps.stopping);
  const from = deps.clock.monotonic();
  const tookMs = (): number => Math.round(deps.clock.monotonic() - from);
  try {
    const outcome = await work(context, job);
    context.log.info({ step, ...outcome, durationMs: tookMs() }, 'job ended');
    return jobEnd(deps, outcome);
  } catch (error) {
    context.log.info({ step, outcome: 'error', ...safeError(error), durationMs: tookMs() }, 'job broke off');
    const until = context.gate?.pausedUntil();
    if (until === undefined || !(error instanceof ProviderAuthError)) throw error;
    context.log.alarm('own-credential-refused', safeError(error), 'the job waits until the account is tried again');
    return { notBefore: until };
  } finally {
    await context.gate?.leave();
  }
}

function jobEnd({ clock, stopping }: JobDeps, { outcome, version, reason, retryAt }: Outcome): JobEnd {
  const now = clock.now();
  if (outcome === 'waits' && stopping()) return { notBefore: retryAt ?? now + NEXT_WORKER_MS };
  // A person's wish is not to be lost to a pause.
  const longest = reason === 'account-paused' ? Number.POSITIVE_INFINITY : LONGEST_WAIT_MS;
  if (outcome === 'waits' && retryAt !== undefined && retryAt - now <= longest) return { notBefore: retryAt };
  return { result: { outcome, reason, ...(version === undefined ? {} : { version }) } };
}

export const refused = (reason: string): JobEnd => ({ result: { outcome: 'refused', reason } });
