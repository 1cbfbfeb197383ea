import { createHash } from 'node:crypto';
import { iso } from '../clock';
import type { Grant } from '../grants';
import { digits, unique } from '../ids';
import type { AccessKeyRequest } from '../vendor-facts/finicity-receipts';
import type { FinicityState, StoredReceipt } from './state';

/** What the vendor hands over: the receipt with its proof is the access key, there is no other secret (3.4). */
export interface AccessKey {
  readonly receipt: Readonly<Record<string, unknown>>;
  readonly proof: { readonly signature: string; readonly keyId: string; readonly timestamp: string };
}

/** Makes a receipt, by its real ids, and the grant behind it: it lives until the last endTime. */
export function createReceipt(state: FinicityState, request: AccessKeyRequest): AccessKey {
  const receiptId = unique('cr_').slice(0, 32);
  const key = writeReceipt(state, receiptId, 1, request);
  const grant = state.world.ledger.add({
    kind: 'finicity-access-key',
    account: request.partnerId,
    subject: `${request.customerId}/${request.thirdPartyPartnerId}`,
    grantId: receiptId,
    secret: key.proof.signature,
    issuedAt: state.world.clock.now(),
    ...period(request),
  });
  const { partnerId, customerId, thirdPartyPartnerId } = request;
  state.receipts.set(receiptId, { partnerId, customerId, thirdPartyPartnerId, revision: 1, grant });
  return key;
}

/** Extends a receipt: the same id and the next revision. */
export function reviseReceipt(state: FinicityState, stored: StoredReceipt, request: AccessKeyRequest): AccessKey {
  stored.revision += 1;
  const key = writeReceipt(state, stored.grant.grantId ?? '', stored.revision, request);
  state.world.ledger.addRevision(stored.grant, key.proof.signature);
  Object.assign(stored.grant, period(request));
  return key;
}

/** MC-spec ThirdPartyAccessPeriodTypes: bounded by startTime and endTime. Of several products the widest counts. */
function period(request: AccessKeyRequest): Pick<Grant, 'usableFrom' | 'end'> {
  const starts = request.products.map(({ accessPeriod }) => Date.parse(accessPeriod.startTime));
  const ends = request.products.map(({ accessPeriod }) => Date.parse(accessPeriod.endTime));
  return { usableFrom: Math.min(...starts), end: { at: Math.max(...ends), why: 'endTime' } };
}

function writeReceipt(state: FinicityState, receiptId: string, revision: number, request: AccessKeyRequest): AccessKey {
  const { switches, world } = state;
  const timestamp = iso(world.clock.now());
  const pseudo = (id: string): string => pseudoId(state, request.thirdPartyPartnerId, id);
  const receipt = {
    profile: 3,
    version: '1',
    receiptId,
    receiptVersion: switches.receiptVersionAs === 'string' ? String(revision) : revision,
    customerId: pseudo(request.customerId),
    partnerId: request.partnerId,
    products: request.products.map((product) => ({ ...product, accountId: pseudo(product.accountId) })),
    provenance: request.provenance ?? null,
    timestamp,
    ...(switches.unknownReceiptFields ? { syntheticExtension: { note: unique('extra-') } } : {}),
  };
  const hash = createHash('sha256').update(JSON.stringify(receipt)).digest('base64');
  return { receipt, proof: { signature: hash, keyId: '000-000-000', timestamp } };
}

/** Pseudo ids are not the request's ids (MC-spec ThirdPartyAccessReceipt); one per real id and third party. */
function pseudoId(state: FinicityState, thirdParty: string, id: string): string {
  const key = `${thirdParty} ${id}`;
  const known = state.pseudoIds.get(key) ?? digits(19);
  state.pseudoIds.set(key, known);
  return known;
}
