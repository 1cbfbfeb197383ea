import { z } from 'zod';
import { unique } from '../ids';
import { type FlinksOutboundState, issueSecret, type Partner } from './state';

/** What to put into Flinks Outbound beforehand. Everything left out is made up. */
export const flinksOutboundSeed = z.strictObject({
  partners: z
    .array(z.strictObject({ clientId: z.string().optional(), clientSecret: z.string().optional() }))
    .default([]),
  recipients: z
    .array(
      z.strictObject({
        clientId: z.string().optional(),
        clientSecret: z.string().optional(),
        name: z.string().default('Synthetic App'),
        /** client_id of its partner; by default the first partner of this seed, else the first there is, else one is made. */
        partner: z.string().optional(),
      }),
    )
    .default([]),
});

/** What was planted; a partner that had to be made for a recipient is among the partners. */
export interface SeededFlinksOutbound {
  readonly partners: readonly Partner[];
  readonly recipients: readonly { readonly clientId: string; readonly clientSecret: string }[];
}

export function seedFlinksOutbound(
  state: FlinksOutboundState,
  seed: z.output<typeof flinksOutboundSeed>,
): SeededFlinksOutbound {
  const before = new Set(state.partners.keys());
  const [own] = seed.partners.map((given) => addPartner(state, given.clientId, given.clientSecret));
  const recipients = seed.recipients.map((given) => {
    const partnerId = given.partner ?? (own ?? firstPartner(state)).clientId;
    const recipient = { clientId: given.clientId ?? unique('dc-'), partnerId, name: given.name };
    state.recipients.set(recipient.clientId, recipient);
    const clientSecret = issueSecret(state, recipient, given.clientSecret);
    return { clientId: recipient.clientId, clientSecret };
  });
  return { partners: [...state.partners.values()].filter(({ clientId }) => !before.has(clientId)), recipients };
}

function firstPartner(state: FlinksOutboundState): Partner {
  const [partner] = state.partners.values();
  return partner ?? addPartner(state, undefined, undefined);
}

function addPartner(state: FlinksOutboundState, clientId = unique('dc-partner-'), clientSecret = unique('ob-admin-')) {
  const partner: Partner = { clientId, clientSecret };
  state.partners.set(clientId, partner);
  state.world.secretValues.add(clientSecret);
  return partner;
}
