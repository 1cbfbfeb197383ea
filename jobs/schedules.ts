import type { Manifest } from '../src/manifest';
import type { Schedules } from '../src/queue/sweeps';
import type { SweepName } from '../src/types';

/** The schedules of a manifest, as the queue of the sweeps takes them. */
export function schedulesOf({ schedules }: Manifest): Schedules {
  const of = (sweep: SweepName) => ({ pattern: schedules[sweep].pattern, tz: schedules[sweep].zone });
  return {
    'regenerate-outbound-secrets': of('regenerate-outbound-secrets'),
    'reissue-expiring-tokens': of('reissue-expiring-tokens'),
    'revoke-stale-flinks-permissions': of('revoke-stale-flinks-permissions'),
    'revoke-stale-finicity-receipts': of('revoke-stale-finicity-receipts'),
  };
}
