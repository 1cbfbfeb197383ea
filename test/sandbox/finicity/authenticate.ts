import { json, type WireAnswer, type WireRequest } from '../http/wire';
import { unique } from '../ids';
import { logIn, refuseKey, requiredStrings } from './login';
import type { FinicityState } from './state';

/** POST /aggregation/v2/partners/authentication (MC-spec CreateToken; providers.md 3.1). */
export function answerAuthenticate(state: FinicityState, request: WireRequest): WireAnswer {
  const refused = refuseKey(state, request);
  if (refused !== null) return refused;
  const given = requiredStrings(state, request, ['partnerId', 'partnerSecret']);
  if (given.refused !== null) return given.refused;
  const login = logIn(state, request, String(given.body.partnerId), String(given.body.partnerSecret), true);
  if (login.refused !== null) return login.refused;
  return json(200, { token: issueToken(state, login.partner.partnerId) });
}

function issueToken(state: FinicityState, partnerId: string): string {
  if (!state.switches.severalTokens) endTokensOf(state, partnerId);
  const token = unique('fin-token-');
  state.world.secretValues.add(token);
  state.tokens.set(token, { partnerId, expiresAt: state.world.clock.now() + state.switches.tokenSeconds * 1000 });
  return token;
}

export function endTokensOf(state: FinicityState, partnerId: string): void {
  for (const [token, { partnerId: owner }] of state.tokens) {
    if (owner === partnerId) state.tokens.delete(token);
  }
}
