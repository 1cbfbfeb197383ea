import { empty, type WireAnswer, type WireRequest } from '../http/wire';
import { PARTNER_SECRET_POLICY } from '../vendor-facts/finicity';
import { endTokensOf } from './authenticate';
import { logIn, refuseKey, requiredStrings } from './login';
import { refusal, unauthorized } from './refusals';
import { addPartnerSecret, type FinicityState, liveSecrets, PARTNER_SECRET } from './state';

/** PUT /aggregation/v2/partners/authentication (MC-spec ModifyPartnerSecret; providers.md 3.2). */
export function answerModifySecret(state: FinicityState, request: WireRequest): WireAnswer {
  const refused = refuseKey(state, request);
  if (refused !== null) return refused;
  const given = requiredStrings(state, request, ['partnerId', 'partnerSecret', 'newPartnerSecret']);
  if (given.refused !== null) return given.refused;
  const { immediate = true } = given.body;
  if (typeof immediate !== 'boolean') return refusal(state, 400, 14020, 'Bad request.');

  const [partnerId, secret, wanted] = [given.body.partnerId, given.body.partnerSecret, given.body.newPartnerSecret].map(
    String,
  ) as [string, string, string];
  const login = logIn(state, request, partnerId, secret, state.switches.modifyCountsStrikes);
  if (login.refused !== null) return login.refused;
  return refuseChange(state, partnerId, secret, wanted) ?? change(state, partnerId, wanted, immediate);
}

/** What can still be wrong with a change whose credentials are good. */
function refuseChange(state: FinicityState, partnerId: string, secret: string, wanted: string): WireAnswer | null {
  const live = liveSecrets(state, partnerId);
  const newest = live.at(-1)?.secret;
  if (secret !== newest && !state.switches.modifyTakesOldSecret) {
    return unauthorized(state, 10001, 'Invalid credentials');
  }
  const violates =
    !PARTNER_SECRET_POLICY.test(wanted) || (wanted === newest && state.switches.changeToSame === 'refused');
  if (violates) return refusal(state, 400, 24437, 'New password is not as per policy');
  if (live.length > 1 && state.switches.changeDuringGrace === 'refused') {
    return refusal(state, 400, 14020, 'Bad request.');
  }
  return null;
}

/** Puts the new secret in force. `immediate: false` lets the old one live for the 30 days of grace (MC-spec). */
function change(state: FinicityState, partnerId: string, wanted: string, immediate: boolean): WireAnswer {
  const now = state.world.clock.now();
  const query = { kind: PARTNER_SECRET, subject: partnerId } as const;
  const isNewest = liveSecrets(state, partnerId).at(-1)?.secret === wanted;
  if (!isNewest) {
    const endsAt = immediate ? now : now + state.switches.graceMs;
    state.world.ledger.end(query, now, endsAt, immediate ? 'replaced at once' : 'grace over');
    addPartnerSecret(state, partnerId, wanted);
  }
  if (!state.switches.tokensSurviveChange) endTokensOf(state, partnerId);
  return empty(204);
}
