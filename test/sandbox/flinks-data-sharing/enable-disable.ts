import { rewriteAnswer } from '../faults/rewrite';
import type { Grant } from '../grants';
import { json, type WireAnswer, type WireRequest } from '../http/wire';
import { emptyRefusal, refuseCaller } from './refusals';
import { byPermission, type FlinksDataSharingState, isNotReplaced, secretsOf } from './state';

/** GET …/authsecret/disable/{permissionId} (F-share). */
export function answerDisable(
  state: FlinksDataSharingState,
  request: WireRequest,
  customerId = '',
  permissionId = '',
): WireAnswer {
  const refusal = refuseCaller(state, 'disable', request, customerId);
  if (refusal !== null) return refusal;
  const grant = byPermission(state, customerId, permissionId);
  if (grant === undefined) return emptyRefusal();
  const off = grant.disabled !== null || !isNotReplaced(grant);
  if (off && state.switches.disableRepeated === 400) return emptyRefusal();
  for (const affected of concerned(state, grant)) {
    affected.disabled ??= { at: state.world.clock.now(), why: affected === grant ? 'disabled' : 'partner disabled' };
  }
  return switched(state, grant, 'disabled');
}

/** GET …/authsecret/enable/{permissionId} (S1). A secret that was replaced does not come back. */
export function answerEnable(
  state: FlinksDataSharingState,
  request: WireRequest,
  customerId = '',
  permissionId = '',
): WireAnswer {
  const refusal = refuseCaller(state, 'enable', request, customerId);
  if (refusal !== null) return refusal;
  const grant = byPermission(state, customerId, permissionId);
  if (grant === undefined || !isNotReplaced(grant)) return emptyRefusal();
  if (grant.disabled === null && state.switches.enableRepeated === 400) return emptyRefusal();
  for (const affected of concerned(state, grant)) affected.disabled = null;
  return switched(state, grant, 're-enabled');
}

/** The secrets that a switch-over concerns: the one, or all of its partner, by the switch. */
function concerned(state: FlinksDataSharingState, grant: Grant): readonly Grant[] {
  if (state.switches.disableActsOn === 'secret') return [grant];
  return [grant, ...secretsOf(state, grant.account, grant.subject)];
}

function switched(state: FlinksDataSharingState, grant: Grant, what: string): WireAnswer {
  const answer = json(200, {
    permissionId: grant.grantId,
    authSecret: grant.secret,
    message: `The partner authorization was ${what} successfully.`,
  });
  return state.switches.casing === 'pascal' ? rewriteAnswer(answer, { set: {}, remove: [], casing: 'pascal' }) : answer;
}
