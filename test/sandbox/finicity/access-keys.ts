import type { z } from 'zod';
import { isAlive } from '../grants';
import { empty, html, json, parseJson, type WireAnswer, type WireRequest } from '../http/wire';
import { type AccessKeyRequest, accessKeyRequest } from '../vendor-facts/finicity-receipts';
import { asPartner } from './app-token';
import { createReceipt, reviseReceipt } from './receipts';
import { missing, refusal } from './refusals';
import type { FinicityPartner, FinicityState, StoredReceipt } from './state';

/** POST /aggregation/v1/partners/accessKey (MC-spec GenerateThirdPartyAccessKey). */
export function answerGenerateKey(state: FinicityState, request: WireRequest): WireAnswer {
  return asPartner(state, request, (partner) =>
    withBody(state, request, partner, (body) => json(200, { data: [createReceipt(state, body)] })),
  );
}

/** PUT /aggregation/v1/partners/accessKey/{consentReceiptId}: only active receipts (MC-docs). */
export function answerUpdateKey(state: FinicityState, request: WireRequest, receiptId = ''): WireAnswer {
  return asPartner(state, request, (partner) =>
    withBody(state, request, partner, (body) => {
      const stored = activeReceipt(state, partner, receiptId);
      if (stored === null) return state.switches.updateOfGone === '404-html' ? proxyPage() : notFound(state);
      if (stored.customerId !== body.customerId || stored.thirdPartyPartnerId !== body.thirdPartyPartnerId) {
        return refusal(state, 400, 10010, 'customerId or thirdPartyPartnerId does not match the receipt');
      }
      const keeps = state.switches.updateKeepsReceiptId;
      return json(200, { data: [keeps ? reviseReceipt(state, stored, body) : createReceipt(state, body)] });
    }),
  );
}

/** DELETE /aggregation/v1/partners/accessKey/{consentReceiptId}: overrides the end date. */
export function answerRevokeKey(state: FinicityState, request: WireRequest, receiptId = ''): WireAnswer {
  return asPartner(state, request, (partner) => {
    const stored = activeReceipt(state, partner, receiptId);
    if (stored === null) return answerGone(state);
    stored.grant.end = { at: state.world.clock.now(), why: 'revoked by DELETE' };
    return empty(204);
  });
}

function activeReceipt(state: FinicityState, partner: FinicityPartner, receiptId: string): StoredReceipt | null {
  const stored = state.receipts.get(receiptId);
  if (stored === undefined || stored.partnerId !== partner.partnerId) return null;
  return isAlive(stored.grant, state.world.clock.now()) ? stored : null;
}

const proxyPage = (): WireAnswer => html(404, '404 Not Found');

const notFound = (state: FinicityState): WireAnswer => refusal(state, 404, 14001, 'Resource not found.');

function answerGone(state: FinicityState): WireAnswer {
  switch (state.switches.deleteOfGone) {
    case '204':
      return empty(204);
    case '404-html':
      return proxyPage();
    case '404-json':
      return notFound(state);
  }
}

function withBody(
  state: FinicityState,
  request: WireRequest,
  partner: FinicityPartner,
  act: (body: AccessKeyRequest) => WireAnswer,
): WireAnswer {
  const parsed = accessKeyRequest.safeParse(parseJson(request.body));
  if (!parsed.success) return refuseBody(state, parsed.error);
  const body = parsed.data;
  if (body.partnerId !== partner.partnerId) return invalidField(state, 'Partner ID does not match the token');
  if (partner.customers !== null && !partner.customers.has(body.customerId)) {
    return refusal(state, 404, 14001, 'Customer not found.');
  }
  const backwards = body.products.some(
    ({ accessPeriod: { startTime, endTime } }) => Date.parse(endTime) <= Date.parse(startTime),
  );
  return backwards ? invalidField(state, 'endTime must be after startTime') : act(body);
}

/** MC-spec MissingFieldExample, InvalidFieldExample, GenericBadRequestExample. */
function refuseBody(state: FinicityState, error: z.ZodError): WireAnswer {
  const [issue] = error.issues;
  if (issue === undefined || issue.path.length === 0) return refusal(state, 400, 14020, 'Bad request.');
  const field = issue.path.map(String).join('.');
  const absent = issue.code === 'invalid_type' && issue.message.endsWith('received undefined');
  return absent ? missing(state, field) : invalidField(state, `"${field}" is not valid`);
}

const invalidField = (state: FinicityState, why: string): WireAnswer => refusal(state, 400, 10010, why);
