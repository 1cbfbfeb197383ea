import { ownerLimitMs } from '../../src/decision';
import { decideRevocation, decideRotation } from '../../src/policy';
import { openSuspects } from '../../src/rotation-tags';
import { secretStore } from '../../src/secrets-manager/secret-store';
import type { Credential, Instant, SweepName } from '../../src/types';
import { TRAITS } from '../support/traits';
import type { Fleet } from './fleet';
import { type Looks, SWEEPS_OF } from './looks';
import type { People } from './people';
import type { MemoryQueue } from './queue';

const DAY = 86_400_000;

export interface LookAgainGiven {
  readonly fleet: Fleet;
  readonly queue: MemoryQueue;
  readonly looks: Looks;
  readonly people: Pick<People, 'suspect' | 'confirm' | 'wasAskedFor'>;
}

/** @returns what asks policy itself when it wants to look at a credential again, and calls whom it waits for */
export function lookingAgain({ fleet, queue, looks, people }: LookAgainGiven) {
  const { company, now } = fleet;
  const { world, manifest } = company;
  const observer = secretStore(world.client(), world.clock);
  const lookedTwice = new Set<string | undefined>();

  const decisions = async (credential: Credential) => {
    const seen = await observer.observe(credential);
    const { timeoutMs = 0 } = manifest.accounts.get(credential.account) ?? {};
    const traits = TRAITS[credential.kind];
    const input = { credential, traits, seen, now: now(), ownerLimitMs: ownerLimitMs(timeoutMs) };
    return { seen, rotation: decideRotation(input), revocation: decideRevocation(input) };
  };

  return async (credential: Credential): Promise<void> => {
    const { id, kind } = credential;
    const want = looks.renew(id);
    const { seen, rotation, revocation } = await decisions(credential);
    const push = (sweep: SweepName, at: Instant | undefined): void => {
      if (at !== undefined) want(sweep, Math.max(at, now() + 1));
    };
    const { rotates, settles } = SWEEPS_OF[kind];
    if (!queue.waits(id, 'rotate')) push(rotates, rotation.action === 'none' ? rotation.at : now());
    if (!queue.waits(id, 'revoke')) push(settles, revocation.action === 'none' ? revocation.at : now());
    if (rotation.state === 'expiring') {
      const version = company.labelled(credential, 'AWSCURRENT');
      // the sweep that looked first may have been a moment early by its clock
      if (!people.wasAskedFor(version) && !lookedTwice.has(version)) push(rotates, now());
      lookedTwice.add(version);
      for (const days of [7, 1]) push(rotates, (rotation.at ?? 0) - days * DAY);
    }
    if (seen !== undefined && openSuspects(seen.tags, now()) > 0) people.suspect(credential);
    if (revocation.reason === 'awaits-confirmation') people.confirm(credential);
  };
}
