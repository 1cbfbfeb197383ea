import type { WireAnswer, WireRequest } from '../http/wire';
import { refuseKey } from './login';
import { locked, unauthorized } from './refusals';
import type { FinicityPartner, FinicityState } from './state';

/** Runs `act` for the partner whose App-Token and App-Key the request bears (MC-spec UnauthorizedErrorResponse). */
export function asPartner(
  state: FinicityState,
  request: WireRequest,
  act: (partner: FinicityPartner) => WireAnswer,
): WireAnswer {
  const refused = refuseKey(state, request);
  if (refused !== null) return refused;
  const token = request.headers['finicity-app-token'];
  if (token === undefined) return unauthorized(state, 10024, 'Missing parameter (Finicity-App-Token)');
  const known = state.tokens.get(token);
  const partner = state.partners.get(known?.partnerId ?? '');
  const isAppKey = [...state.partners.values()].some(({ appKey }) => appKey === request.headers['finicity-app-key']);
  if (!isAppKey) return unauthorized(state, 24302, 'Invalid (Finicity-App-Key)', true);
  if (known === undefined || partner === undefined || partner.appKey !== request.headers['finicity-app-key']) {
    return unauthorized(state, 10022, 'Invalid (Finicity-App-Token)');
  }
  if (partner.locked && state.switches.lockEndsTokens) return locked(state);
  if (state.world.clock.now() >= known.expiresAt) return unauthorized(state, 10023, 'Expired (Finicity-App-Token)');
  return act(partner);
}
