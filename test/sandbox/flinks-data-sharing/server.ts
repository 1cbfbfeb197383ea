import type { Listening } from '../http/listen';
import { startStandIn } from '../http/stand-in';
import type { FlinksDataSharingOperation } from '../vendor-facts/operations';
import { answerDisable, answerEnable } from './enable-disable';
import { answerGenerate } from './generate';
import type { FlinksDataSharingState } from './state';

/** The stand-in for Flinks data sharing. */
export function startFlinksDataSharing(state: FlinksDataSharingState, port?: number): Promise<Listening> {
  return startStandIn<FlinksDataSharingOperation>(state.world, {
    vendor: 'flinks-data-sharing',
    handlers: {
      'flinks-data-sharing.generate': ({ request, parameters: { customerId, nameofpartner } }) =>
        answerGenerate(state, request, customerId, nameofpartner),
      'flinks-data-sharing.enable': ({ request, parameters: { customerId, permissionId } }) =>
        answerEnable(state, request, customerId, permissionId),
      'flinks-data-sharing.disable': ({ request, parameters: { customerId, permissionId } }) =>
        answerDisable(state, request, customerId, permissionId),
    },
    normalise: likeTheFront,
    ...(port === undefined ? {} : { port }),
  });
}

/**
 * An empty name means the partner `PartnerTest` (S0), and a trailing slash is dropped, so that `…/authsecret/disable/`
 * generates a secret for a partner called "disable": the hazard of providers.md 2.5 (INFERRED, the worst case).
 */
function likeTheFront(path: string): string {
  const trimmed = path.replace(/\/+$/, '');
  return /^\/v3\/[^/]+\/partnerdata\/authsecret$/.test(trimmed) ? `${trimmed}/PartnerTest` : trimmed;
}
