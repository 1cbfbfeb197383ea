import { z } from 'zod';
import { iso } from '../clock';
import { digits, unique } from '../ids';
import { type AccessKey, createReceipt } from './receipts';
import { addPartnerSecret, type FinicityPartner, type FinicityState, liveSecrets } from './state';
import { DAY_MS } from './switches';

/** What to put into Finicity beforehand. Everything left out is made up. */
export const finicitySeed = z.strictObject({
  partners: z
    .array(
      z.strictObject({
        partnerId: z.string().optional(),
        partnerSecret: z.string().optional(),
        appKey: z.string().optional(),
        /** The customers that exist; by default any customer id does. */
        customers: z.array(z.string()).optional(),
      }),
    )
    .default([]),
  receipts: z
    .array(
      z.strictObject({
        /** By default the first partner of this seed, else the first there is, else one is made. */
        partnerId: z.string().optional(),
        customerId: z.string(),
        thirdPartyPartnerId: z.string(),
        product: z.string().default('moneyTransferDetails'),
        accountId: z.string().default('5011000000'),
        /** From now, by the vendors' clock. */
        startsInMs: z.int().default(0),
        endsInMs: z.int().default(30 * DAY_MS),
      }),
    )
    .default([]),
});
type Seed = z.output<typeof finicitySeed>;

/** What was planted; a partner that had to be made for a receipt is among the partners. */
export interface SeededFinicity {
  readonly partners: readonly { readonly partnerId: string; readonly partnerSecret: string; readonly appKey: string }[];
  /** `data[i]` as the vendor would have answered. */
  readonly receipts: readonly AccessKey[];
}

export function seedFinicity(state: FinicityState, seed: Seed): SeededFinicity {
  const before = new Set(state.partners.keys());
  const [own] = seed.partners.map((given) => addPartner(state, given));
  const receipts = seed.receipts.map((given) =>
    addReceipt(state, given.partnerId ?? own?.partnerId ?? firstPartnerId(state), given),
  );
  const made = [...state.partners.values()].filter(({ partnerId }) => !before.has(partnerId));
  const partners = made.map(({ partnerId, appKey }) => ({
    partnerId,
    partnerSecret: liveSecrets(state, partnerId).at(-1)?.secret ?? '',
    appKey,
  }));
  return { partners, receipts };
}

function addPartner(state: FinicityState, given: Seed['partners'][number]): FinicityPartner {
  const partnerId = given.partnerId ?? digits(13);
  const partnerSecret = given.partnerSecret ?? unique('Fin-1');
  const appKey = given.appKey ?? unique('fin-app-key-');
  const customers = given.customers === undefined ? null : new Set(given.customers);
  const partner: FinicityPartner = { partnerId, appKey, customers, strikes: 0, locked: false };
  state.partners.set(partnerId, partner);
  addPartnerSecret(state, partnerId, partnerSecret);
  state.world.secretValues.add(appKey);
  return partner;
}

function addReceipt(state: FinicityState, partnerId: string, given: Seed['receipts'][number]): AccessKey {
  const now = state.world.clock.now();
  const { customerId, thirdPartyPartnerId, product, accountId } = given;
  const accessPeriod = {
    type: 'timeframe',
    startTime: iso(now + given.startsInMs),
    endTime: iso(now + given.endsInMs),
  };
  const products = [{ product, accountId, accessPeriod }];
  return createReceipt(state, { customerId, partnerId, thirdPartyPartnerId, products });
}

function firstPartnerId(state: FinicityState): string {
  const [first] = state.partners.keys();
  return first ?? addPartner(state, {}).partnerId;
}
