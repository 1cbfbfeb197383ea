import { json, text, type WireAnswer } from '../http/wire';
import type { FinicityState } from './state';

/** MC-spec ErrorMessage, with its code as a string or a number by the switch. */
export function refusal(state: FinicityState, status: number, code: number, message: string): WireAnswer {
  return json(status, { code: state.switches.errorCodeAs === 'number' ? code : String(code), message });
}

/** A 401: an ErrorMessage or, by the switch and where it is documented, plain text. */
export function unauthorized(
  state: FinicityState,
  code: number,
  message: string,
  documentedAsText = false,
): WireAnswer {
  const { plainTextUnauthorized } = state.switches;
  const plain = plainTextUnauthorized === 'always' || (plainTextUnauthorized === 'documented' && documentedAsText);
  return plain ? text(401, message) : refusal(state, 401, code, message);
}

export const missing = (state: FinicityState, parameter: string): WireAnswer =>
  refusal(state, 400, 10005, `Missing parameter (${parameter})`);

/** MC-spec PartnerNotFoundResponse: schema and example disagree. */
export function partnerNotFound(state: FinicityState): WireAnswer {
  if (state.switches.partnerNotFoundAs === 'message') return refusal(state, 404, 12401, 'partner not found');
  const error = {
    Source: 'Partner Authentication',
    ReasonCode: '12401',
    Description: 'partner not found',
    Recoverable: false,
    Details: 'synthetic',
  };
  return json(404, { Errors: { Error: [error] } });
}

/** UNKNOWN (3.1): how a locked partner is answered. */
export function locked(state: FinicityState): WireAnswer {
  switch (state.switches.lockedAnswer) {
    case '401-10001':
      return unauthorized(state, 10001, 'Invalid credentials');
    case '401-10021':
      return unauthorized(state, 10021, 'You are not authorized.');
    case '403':
      return text(403, 'Forbidden');
    case '429':
      return refusal(state, 429, 3300001, 'Too many requests');
    case '500':
      return refusal(state, 500, 24302, 'Bad credentials');
  }
}

/** MC-test, MC-postman: a 403 means that the caller is in the wrong country. Its body: UNKNOWN. */
export const wrongCountry = (): WireAnswer => text(403, 'Forbidden');
