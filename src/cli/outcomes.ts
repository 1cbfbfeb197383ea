import type { Outcome } from '../rotation-context';
import type { Credential } from '../types';
import { iso } from './words';

/** What `import` and `rollback` come to, for programs. */
export const outcomeAsJson = ({ id }: Credential, { outcome, reason, version, retryAt }: Outcome) => ({
  credential: id,
  outcome,
  reason,
  version: version ?? null,
  notBefore: retryAt === undefined ? null : iso(retryAt),
});
