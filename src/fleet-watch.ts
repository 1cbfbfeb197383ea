import { isPast, restored } from './account-pause';
import { SecretStoreError } from './errors';
import { firstOf, type Lost, lostEntries } from './lost-entries';
import type { Manifest } from './manifest';
import type { AccountStates } from './queue/account-states';
import { PAUSED_TAG } from './rotation-tags';
import type { Observation, SecretStore } from './secret-store';
import type { Clock, Log } from './types';

/** What a look at all secrets of ours tells besides what is due. */
export interface FleetWatch {
  /**
   * Says which secrets have no entry: once while it lasts. Puts pauses of accounts back that Redis has lost.
   * @returns the secrets without an entry
   */
  look(fleet: readonly Observation[], manifest: Manifest): Promise<Lost>;
}

interface Deps {
  readonly states: AccountStates;
  readonly store: Pick<SecretStore, 'untag'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Looks, and writes nothing. */
  readonly dryRun: boolean;
}

export function watchFleet(deps: Deps): FleetWatch {
  let reported = '';
  return {
    async look(fleet, manifest) {
      for (const seen of deps.dryRun ? [] : fleet) await restorePause(deps, seen, manifest);
      const lost = lostEntries(fleet, manifest.byId);
      const now = lost.ids.join(' ');
      if (now !== reported && now !== '') {
        const fields = { count: lost.ids.length, ours: lost.ours, credentials: firstOf(lost.ids) };
        deps.log.alarm(
          'entry-missing',
          fields,
          'secrets of ours have no entry: nothing of theirs is rotated or revoked',
        );
      }
      reported = now;
      return lost;
    },
  };
}

async function restorePause(
  { states, store, clock, log }: Deps,
  { tags: { paused }, secretName }: Observation,
  { accounts }: Manifest,
): Promise<void> {
  const rules = paused === undefined ? undefined : accounts.get(paused.account);
  if (paused === undefined || rules === undefined) return;
  const { account, since, reason } = paused;
  const tag = { since, reason, secretName };
  const at = { now: clock.now(), random: Math.random };
  const { before, after } = await states.change(account, (state) => restored(state, tag, rules, at));
  if (isPast(after, tag)) await store.untag({ secretName }, [PAUSED_TAG]).catch(unlessRefused);
  else if (before.pause === undefined) {
    log.warn(
      { account, reason, since: new Date(since).toISOString() },
      'a tag says that the account is paused: so it is',
    );
  }
}

/** The next look takes the tag away. */
function unlessRefused(error: unknown): void {
  if (!(error instanceof SecretStoreError)) throw error;
}
