import { unique } from '../ids';
import type { World } from '../world';
import { type FlinksOutboundSwitches, flinksOutboundSwitches } from './switches';

/** The integrated organisation: holds the client:admin credentials and manages recipients (F-old). */
export interface Partner {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** A client managed by a partner. Its secrets are in the ledger. */
export interface Recipient {
  readonly clientId: string;
  readonly partnerId: string;
  readonly name: string;
}

interface Token {
  readonly clientId: string;
  readonly scope: string | null;
  readonly expiresAt: number;
}

export interface FlinksOutboundState {
  readonly world: World;
  switches: FlinksOutboundSwitches;
  readonly partners: Map<string, Partner>;
  readonly recipients: Map<string, Recipient>;
  readonly tokens: Map<string, Token>;
}

export const makeFlinksOutboundState = (world: World): FlinksOutboundState => ({
  world,
  switches: flinksOutboundSwitches.parse({}),
  partners: new Map(),
  recipients: new Map(),
  tokens: new Map(),
});

/** Gives a recipient a new secret; what becomes of the one before is up to the switches. */
export function issueSecret(state: FlinksOutboundState, recipient: Recipient, secret = unique('ob-secret-')): string {
  const { world, switches } = state;
  const now = world.clock.now();
  const query = { kind: 'flinks-outbound-recipient', subject: recipient.clientId } as const;
  if (switches.oldSecretLivesMs !== null) {
    world.ledger.end(query, now, now + switches.oldSecretLivesMs, 'replaced by regenerate');
  }
  world.ledger.add({
    ...query,
    account: recipient.partnerId,
    grantId: null,
    secret,
    issuedAt: now,
    usableFrom: now + switches.newSecretWorksAfterMs,
  });
  return secret;
}

/** Whether a client id and secret are good for a token right now. */
export function knowsClient(state: FlinksOutboundState, clientId: string, secret: string): boolean {
  const partner = state.partners.get(clientId);
  if (partner !== undefined) return partner.clientSecret === secret;
  return state.world.ledger.works(
    { kind: 'flinks-outbound-recipient', subject: clientId, secret },
    state.world.clock.now(),
  );
}

export function endTokensOf(state: FlinksOutboundState, clientId: string): void {
  for (const [token, { clientId: owner }] of state.tokens) {
    if (owner === clientId) state.tokens.delete(token);
  }
}
