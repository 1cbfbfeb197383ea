import { parseRevokeJob } from '../src/queue/messages';
import { settle } from '../src/revocation';
import { type JobDeps, type JobEnd, jobEnd, jobFields, refused } from './job';

/** One credential: settles the version that the job names, when its grace is over or a message ended it. */
export async function revokeGrant(deps: JobDeps, data: unknown): Promise<JobEnd> {
  const parsed = parseRevokeJob(data);
  if (!parsed.ok) return refused(parsed.reason);
  const job = parsed.value;
  const credential = deps.byId.get(job.credential);
  if (credential === undefined) return refused('unknown-credential');
  const context = deps.contextOf(credential, jobFields(credential, job), deps.stopping);
  const from = deps.clock.monotonic();
  const outcome = await settle(context, { version: job.version, graceEnded: job.endGrace });
  const durationMs = Math.round(deps.clock.monotonic() - from);
  context.log.info({ step: 'revoke', ...outcome, durationMs }, 'revocation job ended');
  return jobEnd(deps, outcome);
}
