import type { AccessKey } from '../finicity/receipts';
import type { Sandbox } from '../start';
import { accessKeyAnswer } from '../vendor-facts/finicity-receipts';
import { call, field, type Reply } from './call';

const JSON_BODY = { 'content-type': 'application/json' };

/** A partner and what it can ask of Finicity. */
export interface FinicityBench {
  readonly partnerId: string;
  readonly partnerSecret: string;
  readonly appKey: string;
  logIn(partnerSecret?: string): Promise<Reply>;
  login(method: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Reply>;
  modify(fields: {
    readonly partnerSecret?: string;
    readonly newPartnerSecret: string;
    readonly immediate?: boolean;
  }): Promise<Reply>;
  appToken(): Promise<string>;
  /** A well-formed request for an access key that ends in a day. */
  keyRequest(changes?: Readonly<Record<string, unknown>>): Record<string, unknown>;
  generate(token: string, body?: unknown): Promise<Reply>;
  update(token: string, receiptId: string, body?: unknown): Promise<Reply>;
  revoke(token: string, receiptId: string): Promise<Reply>;
}

export const DAY_MS = 86_400_000;

export function finicityBench({ control, urls }: Sandbox): FinicityBench {
  const [partner] = control.seed({ finicity: { partners: [{}] } }).finicity.partners;
  if (partner === undefined) throw new Error('nothing was seeded');
  const { partnerId, partnerSecret, appKey } = partner;
  const keys = `${urls.finicity}/aggregation/v1/partners/accessKey`;
  const withToken = (token: string) => ({ 'finicity-app-key': appKey, 'finicity-app-token': token });

  const bench: FinicityBench = {
    ...partner,
    login: (method, body, headers = { ...JSON_BODY, 'finicity-app-key': appKey }) =>
      call(`${urls.finicity}/aggregation/v2/partners/authentication`, { method, headers, body }),
    logIn: (secret = partnerSecret) => bench.login('POST', { partnerId, partnerSecret: secret }),
    modify: (fields) => bench.login('PUT', { partnerId, partnerSecret, ...fields }),
    appToken: async () => field(await bench.logIn(), 'token'),
    keyRequest: (changes = {}) => ({
      customerId: '1005000000',
      partnerId,
      thirdPartyPartnerId: '1234599999999',
      products: [product(control.now().getTime(), control.now().getTime() + DAY_MS)],
      ...changes,
    }),
    generate: (token, body = bench.keyRequest()) =>
      call(keys, { method: 'POST', headers: { ...JSON_BODY, ...withToken(token) }, body }),
    update: (token, receiptId, body = bench.keyRequest()) =>
      call(`${keys}/${receiptId}`, { method: 'PUT', headers: { ...JSON_BODY, ...withToken(token) }, body }),
    revoke: (token, receiptId) => call(`${keys}/${receiptId}`, { method: 'DELETE', headers: withToken(token) }),
  };
  return bench;
}

export function product(start: number, end: number) {
  const accessPeriod = {
    type: 'timeframe',
    startTime: new Date(start).toISOString(),
    endTime: new Date(end).toISOString(),
  };
  return { product: 'moneyTransferDetails', accountId: '5011000000', maxCalls: 50, accessPeriod };
}

/** The access key in an answer, or an error where the answer is not of the documented shape. */
export function accessKeyOf(reply: Reply): AccessKey & { readonly receiptId: string } {
  const [key] = accessKeyAnswer.parse(reply.json).data;
  if (key === undefined) throw new Error(`no access key in ${reply.body}`);
  return { ...key, receiptId: key.receipt.receiptId };
}
