import { z } from 'zod';
import { parseJson, type WireAnswer, type WireRequest } from '../http/wire';
import { locked, missing, partnerNotFound, refusal, unauthorized, wrongCountry } from './refusals';
import { type FinicityPartner, type FinicityState, secretWorks } from './state';

const fields = z.record(z.string(), z.unknown());

/** The request's fields where all that are required are non-empty strings, or the refusal. */
export function requiredStrings<Name extends string>(
  state: FinicityState,
  request: WireRequest,
  names: readonly Name[],
): { readonly refused: WireAnswer } | { readonly refused: null; readonly body: Record<string, unknown> } {
  const parsed = fields.safeParse(parseJson(request.body));
  const isJson = /^application\/json\b/.test(request.headers['content-type'] ?? '');
  if (!parsed.success || !isJson) return { refused: refusal(state, 400, 14020, 'Bad request.') };
  for (const name of names) {
    const value = parsed.data[name];
    if (value === undefined || value === '') return { refused: missing(state, name) };
    if (typeof value !== 'string') return { refused: refusal(state, 400, 14020, 'Bad request.') };
  }
  return { refused: null, body: parsed.data };
}

/** Refuses by country and App-Key: what comes before any credential is looked at. */
export function refuseKey(state: FinicityState, request: WireRequest): WireAnswer | null {
  if (state.switches.geography === 'refused') return wrongCountry();
  if (request.headers['finicity-app-key'] === undefined) {
    return unauthorized(state, 10026, 'Missing parameter (Finicity-App-Key)');
  }
  return null;
}

/** The partner whose id and secret are in the body, or the refusal; counts failures toward the lock. */
export function logIn(
  state: FinicityState,
  request: WireRequest,
  partnerId: string,
  secret: string,
  counts: boolean,
): { readonly refused: WireAnswer } | { readonly refused: null; readonly partner: FinicityPartner } {
  const partner = state.partners.get(partnerId);
  if (partner === undefined) return { refused: partnerNotFound(state) };
  if (partner.locked) return failed(state, partner, locked(state), false);
  // A wrong App-Key is not a wrong secret: whether it counts as a strike is UNKNOWN, here it does not.
  if (request.headers['finicity-app-key'] !== partner.appKey) {
    return { refused: unauthorized(state, 10021, 'You are not authorized.') };
  }
  if (!secretWorks(state, partnerId, secret)) {
    return failed(state, partner, unauthorized(state, 10001, 'Invalid credentials'), counts);
  }
  if (state.switches.successResetsStrikes) partner.strikes = 0;
  return { refused: null, partner };
}

function failed(state: FinicityState, partner: FinicityPartner, refused: WireAnswer, counts: boolean) {
  state.world.journal.loginFailed(partner.partnerId);
  if (counts) partner.strikes += 1;
  if (partner.strikes >= state.switches.strikesToLock) partner.locked = true;
  return { refused };
}
