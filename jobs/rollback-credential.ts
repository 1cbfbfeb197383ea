import { parseRollbackJob } from '../src/queue/messages';
import { rollback } from '../src/rollback';
import { forCredential, type JobDeps, type JobEnd } from './job';

/** One credential: makes the value before the current one current again, as a `rollback` message asked. */
export const rollbackCredential = (deps: JobDeps, data: unknown): Promise<JobEnd> =>
  forCredential(deps, 'rollback', parseRollbackJob(data), (context, { version }) => rollback(context, { version }));
