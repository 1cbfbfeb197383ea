import { randomUUID } from 'node:crypto';
import { rewriteAnswer } from '../faults/rewrite';
import { type Grant, isAlive } from '../grants';
import { json, type WireAnswer, type WireRequest } from '../http/wire';
import { invalidRequest, refuseCaller } from './refusals';
import { addAuthSecret, type FlinksDataSharingState, secretsOf } from './state';

/** S0: "If this field is left empty, the default value is PartnerTest". */
const DEFAULT_PARTNER = 'PartnerTest';

/** GET /v3/{customerId}/partnerdata/authsecret/{nameofpartner} (S0). */
export function answerGenerate(
  state: FlinksDataSharingState,
  request: WireRequest,
  customerId = '',
  partner = DEFAULT_PARTNER,
): WireAnswer {
  const refusal = refuseCaller(state, 'generate', request, customerId);
  if (refusal !== null) return refusal;
  if (partner.length < 3 || /\d/.test(partner)) {
    return invalidRequest(state, 'The externalPartnerName needs to contain at least 3 characters and no numbers.');
  }
  const existing = secretsOf(state, customerId, partner).at(-1);
  if (existing === undefined) return generated(state, addAuthSecret(state, { customerId, partner }));
  return generateAgain(state, existing);
}

/** A second generate for one partner (providers.md 2.4). */
function generateAgain(state: FlinksDataSharingState, existing: Grant): WireAnswer {
  const name = { customerId: existing.account, partner: existing.subject };
  switch (state.switches.secondGenerate) {
    case 'new':
      return generated(state, addAuthSecret(state, name));
    case 'same':
      return generated(state, existing);
    case 'same-id-new-secret':
      endAll(state, name, 'another secret under the same PermissionId');
      return generated(state, addAuthSecret(state, { ...name, permissionId: existing.grantId ?? undefined }));
    case 'replace':
      endAll(state, name, 'replaced by a second generate');
      return generated(state, addAuthSecret(state, name));
    case 'error':
      return invalidRequest(state, 'The externalPartnerName has an authorization secret already.');
  }
}

function endAll(state: FlinksDataSharingState, name: { customerId: string; partner: string }, why: string): void {
  const now = state.world.clock.now();
  for (const grant of secretsOf(state, name.customerId, name.partner)) {
    if (isAlive(grant, now) || grant.disabled !== null) grant.end = { at: now, why };
  }
}

function generated(state: FlinksDataSharingState, grant: Grant): WireAnswer {
  const answer = json(200, {
    RequestId: randomUUID(),
    PermissionId: grant.grantId,
    AuthSecret: grant.secret,
    Message: 'The partner authorization secret was generated successfully.',
  });
  return state.switches.casing === 'camel' ? rewriteAnswer(answer, { set: {}, remove: [], casing: 'camel' }) : answer;
}
