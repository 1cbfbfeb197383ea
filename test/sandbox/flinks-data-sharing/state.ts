import type { Grant } from '../grants';
import { markedUuid } from '../ids';
import type { World } from '../world';
import { type FlinksDataSharingSwitches, flinksDataSharingSwitches } from './switches';

/** An environment of the owner: the customerId that opens it, and its credentials. */
export interface Environment {
  readonly customerId: string;
  readonly apiSecret: string;
  readonly authKey: string;
}

export interface FlinksDataSharingState {
  readonly world: World;
  switches: FlinksDataSharingSwitches;
  readonly environments: Map<string, Environment>;
}

export const makeFlinksDataSharingState = (world: World): FlinksDataSharingState => ({
  world,
  switches: flinksDataSharingSwitches.parse({}),
  environments: new Map(),
});

const KIND = 'flinks-auth-secret';

export interface NewAuthSecret {
  readonly customerId: string;
  readonly partner: string;
  readonly permissionId?: string | undefined;
  readonly authSecret?: string | undefined;
}

export function addAuthSecret(state: FlinksDataSharingState, given: NewAuthSecret): Grant {
  return state.world.ledger.add({
    kind: KIND,
    account: given.customerId,
    subject: given.partner,
    grantId: given.permissionId ?? markedUuid('9e8a1d'),
    secret: given.authSecret ?? markedUuid('5ec8e7'),
    issuedAt: state.world.clock.now(),
  });
}

/** Every secret of a partner that has not been replaced, disabled ones too, oldest first. */
export function secretsOf(state: FlinksDataSharingState, customerId: string, partner: string): Grant[] {
  return state.world.ledger.find({ kind: KIND, account: customerId, subject: partner }).filter(isNotReplaced);
}

/** The last secret that was given out under a PermissionId, replaced or not. */
export function byPermission(
  state: FlinksDataSharingState,
  customerId: string,
  permissionId: string,
): Grant | undefined {
  return state.world.ledger.find({ kind: KIND, account: customerId, grantId: permissionId }).at(-1);
}

export const isNotReplaced = (grant: Grant): boolean => grant.end === null;
