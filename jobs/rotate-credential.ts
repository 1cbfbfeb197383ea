import { parseRotateJob, type RotateJob } from '../src/queue/messages';
import { rotate } from '../src/rotation';
import { forCredential, type JobDeps, type JobEnd } from './job';

/** One credential: rotates it, or finishes what is unfinished. Redelivered, it finds another version current and ends. */
export const rotateCredential = (deps: JobDeps, data: unknown): Promise<JobEnd> =>
  forCredential(deps, 'rotate', parseRotateJob(data), async (context, job) => {
    const { version, wish } = job;
    const outcome = await rotate(context, { version, wish });
    if (outcome.outcome === 'promoted' && wasCompromised(job)) {
      const revocation = { credential: job.credential, version, endGrace: false, reason: 'compromised' };
      await deps.queues.enqueueRevoke(context.credential.account, revocation);
    }
    return outcome;
  });

/** Its grant goes as soon as another is current. A hint that saves the wait for a sweep: revocation looks at the tag. */
const wasCompromised = ({ wish, reason, version }: RotateJob): boolean =>
  version !== 'none' && (wish === 'compromised' || reason === 'compromised');
