import type { Tombstone } from '../../src/attempt-record';
import { ownerLimitMs, type PolicyInput } from '../../src/decision';
import { decideRevocation, decideRotation } from '../../src/policy';
import type { ProviderTraits } from '../../src/provider';
import { type Tags, tag } from '../../src/rotation-tags';
import type { Credential, Policy } from '../../src/types';
import { accessKey, authSecret, outboundRecipient } from './credentials';
import { DAY, HOUR, NOW, observed, valueAged } from './observations';
import { TRAITS } from './traits';

export type Given = NonNullable<Parameters<typeof observed>[1]>;

/** What labels and tags say, and what else policy is asked with. */
export interface Case extends Given {
  readonly policy?: Partial<Policy>;
  readonly more?: Tags;
  readonly wish?: PolicyInput['wish'];
  readonly lastAttempt?: Tombstone;
  readonly dead?: boolean;
  readonly pausedUntil?: number;
  readonly graceEnded?: boolean;
  readonly now?: number;
}

export const YOUNG = valueAged(2 * HOUR);
export const AGED = valueAged(31 * DAY);
export const OLD = valueAged(60 * DAY);

export function input(
  make: (id: string, given?: Partial<Policy>) => Credential,
  { policy: given, more = {}, now = NOW, ...labels }: Case,
): PolicyInput {
  const credential = make('acme', given);
  const traits: ProviderTraits = TRAITS[credential.kind];
  const seen = observed(credential, { tags: { ...tag.credential(credential), ...more }, ...labels });
  const { wish, lastAttempt, dead, pausedUntil } = labels;
  return {
    credential,
    traits,
    seen,
    now,
    ownerLimitMs: ownerLimitMs(20_000),
    ...(wish === undefined ? {} : { wish }),
    ...(lastAttempt === undefined ? {} : { lastAttempt }),
    ...(dead === undefined ? {} : { dead }),
    ...(pausedUntil === undefined ? {} : { pausedUntil }),
  };
}

export const rotation = (given: Case) => decideRotation(input(authSecret, given));
export const outbound = (given: Case) => decideRotation(input(outboundRecipient, given));
export const key = (given: Case) => decideRotation(input(accessKey, given));
export const revocation = (given: Case) =>
  decideRevocation({ ...input(authSecret, given), graceEnded: given.graceEnded ?? false });

export const settledOn = (current: string): Given => ({ current, pending: current });

export const failed = (failures: number, undone = 0, given: Partial<Tombstone> = {}): Tombstone => ({
  is: 'tombstone',
  because: 'refused',
  base: AGED,
  failures,
  undone,
  at: NOW,
  ...given,
});
