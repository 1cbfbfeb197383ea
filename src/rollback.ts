import type { Context, Outcome } from './rotation-context';
import { whenSettled } from './unfinished';

export interface RollbackRequest {
  /** The version that is to be undone: AWSCURRENT. Another one in its place: done already. */
  readonly version: string;
}

/** Makes the value of AWSPREVIOUS current again, as a new version; finishes what is unfinished first. */
export async function rollback(context: Context, _request: RollbackRequest): Promise<Outcome> {
  return whenSettled(context, {
    wish: 'none',
    creates: false,
    begin: async () => ({ outcome: 'refused', reason: 'the-kind-cannot' }),
  });
}
