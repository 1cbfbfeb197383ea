import { bearer, json, type WireAnswer, type WireRequest } from '../http/wire';
import type { FlinksDataSharingState } from './state';

/** S0 400, and its status by F-codes. */
export function invalidRequest(state: FlinksDataSharingState, why: string): WireAnswer {
  const status = state.switches.invalidRequestStatus;
  return json(status, {
    HttpStatusCode: status,
    ValidationDetails: { externalPartnerName: [why] },
    FlinksCode: 'INVALID_REQUEST',
  });
}

/** S1: the 400 of enable and disable is documented as an empty object. */
export const emptyRefusal = (): WireAnswer => json(400, {});

/** F-codes: ACCESS_DENIED is a 401. Which bad credential gets it on these endpoints: UNKNOWN. */
const accessDenied = (): WireAnswer => json(401, { HttpStatusCode: 401, FlinksCode: 'ACCESS_DENIED' });

/** Refuses an unknown customerId and bad credentials, by the switches; null where the caller may go on. */
export function refuseCaller(
  state: FlinksDataSharingState,
  operation: 'generate' | 'enable' | 'disable',
  request: WireRequest,
  customerId: string | undefined,
): WireAnswer | null {
  const environment = state.environments.get(customerId ?? '');
  if (environment === undefined) return accessDenied();
  const { apiSecretRequired, authKeyRequired } = state.switches;
  const demanded =
    apiSecretRequired === 'everywhere' || (apiSecretRequired === 'on-generate' && operation === 'generate');
  const sent = bearer(request);
  if ((demanded || sent !== undefined) && sent !== environment.apiSecret) return accessDenied();
  if (authKeyRequired && request.headers['flinks-auth-key'] !== environment.authKey) return accessDenied();
  return null;
}
