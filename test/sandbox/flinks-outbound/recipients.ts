import { bearer, json, type WireAnswer, type WireRequest } from '../http/wire';
import { endTokensOf, type FlinksOutboundState, issueSecret, type Recipient } from './state';
import { partnerOfToken } from './token';

/** Runs `act` for the partner whose token the request bears; S2's 401 (F-old's 400) otherwise. */
function asPartner(
  state: FlinksOutboundState,
  request: WireRequest,
  act: (partnerId: string) => WireAnswer,
): WireAnswer {
  const partnerId = partnerOfToken(state, bearer(request));
  if (partnerId === null) return json(state.switches.badTokenStatus, { message: 'Invalid Bearer Token' });
  return act(partnerId);
}

function ofRecipient(
  state: FlinksOutboundState,
  request: WireRequest,
  clientId: string | undefined,
  act: (recipient: Recipient) => WireAnswer,
): WireAnswer {
  return asPartner(state, request, (partnerId) => {
    const recipient = state.recipients.get(clientId ?? '');
    if (recipient !== undefined && recipient.partnerId === partnerId) return act(recipient);
    return json(state.switches.unknownRecipientStatus, { message: 'Invalid request parameters' });
  });
}

/** F-rec (list): without scope, redirect_uris and secret. */
const listed = (recipient: Recipient) => ({
  client_id: recipient.clientId,
  name: recipient.name,
  logo_uri: 'https://app.example/logo.png',
  description: 'synthetic recipient',
  terms_uri: 'https://app.example/terms',
  client_uri: 'https://app.example',
  country: 'CA',
  contacts: [{ email: 'ops@app.example' }],
});

/** GET /api/v1/recipients (F-rec). */
export function answerList(state: FlinksOutboundState, request: WireRequest): WireAnswer {
  return asPartner(state, request, (partnerId) => {
    const mine = [...state.recipients.values()].filter((recipient) => recipient.partnerId === partnerId);
    return json(200, mine.map(listed));
  });
}

/** GET /api/v1/recipients/{client_id} (F-rec). */
export function answerGet(state: FlinksOutboundState, request: WireRequest, clientId: string | undefined): WireAnswer {
  return ofRecipient(state, request, clientId, (recipient) =>
    json(200, { ...listed(recipient), scope: 'ACCOUNT_BASIC', redirect_uris: ['https://app.example/callback'] }),
  );
}

/** POST /api/v1/recipients/{client_id}/secret (S2). */
export function answerRegenerate(
  state: FlinksOutboundState,
  request: WireRequest,
  clientId: string | undefined,
): WireAnswer {
  return ofRecipient(state, request, clientId, (recipient) => {
    const secret = issueSecret(state, recipient);
    if (!state.switches.tokensSurviveRegeneration) endTokensOf(state, recipient.clientId);
    return json(200, { client_id: recipient.clientId, client_secret: secret });
  });
}
