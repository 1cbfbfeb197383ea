import { parseRevokeJob } from '../src/queue/messages';
import { settle } from '../src/revocation';
import { forCredential, type JobDeps, type JobEnd } from './job';

/** One credential: settles the version that the job names, when its grace is over or a message ended it. */
export const revokeGrant = (deps: JobDeps, data: unknown): Promise<JobEnd> =>
  forCredential(deps, 'revoke', parseRevokeJob(data), (context, { version, endGrace }) =>
    settle(context, { version, graceEnded: endGrace }),
  );
