import { parseRotateJob, type RotateJob } from '../src/queue/messages';
import { rotate } from '../src/rotation';
import { type JobDeps, type JobEnd, jobEnd, jobFields, refused } from './job';

/** One credential: rotates it, or finishes what is unfinished. Redelivered, it finds another version current and ends. */
export async function rotateCredential(deps: JobDeps, data: unknown): Promise<JobEnd> {
  const parsed = parseRotateJob(data);
  if (!parsed.ok) return refused(parsed.reason);
  const job = parsed.value;
  const credential = deps.byId.get(job.credential);
  if (credential === undefined) return refused('unknown-credential');
  const context = deps.contextOf(credential, jobFields(credential, job), deps.stopping);
  const from = deps.clock.monotonic();
  const outcome = await rotate(context, { version: job.version, wish: job.wish });
  const durationMs = Math.round(deps.clock.monotonic() - from);
  context.log.info({ step: 'rotate', ...outcome, durationMs }, 'rotation job ended');
  if (outcome.outcome === 'promoted' && wasCompromised(job)) {
    const revocation = { credential: credential.id, version: job.version, endGrace: false, reason: 'compromised' };
    await deps.queues.enqueueRevoke(credential.account, revocation);
  }
  return jobEnd(deps, outcome);
}

/** Its grant goes as soon as another is current. A hint that saves the wait for a sweep: revocation looks at the tag. */
const wasCompromised = ({ wish, reason, version }: RotateJob): boolean =>
  version !== 'none' && (wish === 'compromised' || reason === 'compromised');
