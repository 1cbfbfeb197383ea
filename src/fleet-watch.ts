import { firstOf, type Lost, lostEntries } from './lost-entries';
import type { Manifest } from './manifest';
import type { Observation } from './secret-store';
import type { Log } from './types';

/** What a look at all secrets of ours tells besides what is due. */
export interface FleetWatch {
  /** Says which secrets have no entry: once while it lasts. @returns the same */
  look(fleet: readonly Observation[], manifest: Manifest): Promise<Lost>;
}

export function watchFleet({ log }: { readonly log: Log }): FleetWatch {
  let reported = '';
  return {
    async look(fleet, { byId }) {
      const lost = lostEntries(fleet, byId);
      const now = lost.ids.join(' ');
      if (now !== reported && now !== '') {
        const fields = { count: lost.ids.length, ours: lost.ours, credentials: firstOf(lost.ids) };
        log.alarm('entry-missing', fields, 'secrets of ours have no entry: nothing of theirs is rotated or revoked');
      }
      reported = now;
      return lost;
    },
  };
}
