import type { Listening } from '../http/listen';
import { startStandIn } from '../http/stand-in';
import type { FlinksOutboundOperation } from '../vendor-facts/operations';
import { answerGet, answerList, answerRegenerate } from './recipients';
import type { FlinksOutboundState } from './state';
import { answerToken } from './token';

/** The stand-in for Flinks Outbound. */
export function startFlinksOutbound(state: FlinksOutboundState, port?: number): Promise<Listening> {
  return startStandIn<FlinksOutboundOperation>(state.world, {
    vendor: 'flinks-outbound',
    handlers: {
      'flinks-outbound.token': ({ request }) => answerToken(state, request),
      'flinks-outbound.recipients.list': ({ request }) => answerList(state, request),
      'flinks-outbound.recipients.get': ({ request, parameters }) => answerGet(state, request, parameters.client_id),
      'flinks-outbound.regenerate': ({ request, parameters }) => answerRegenerate(state, request, parameters.client_id),
    },
    ...(port === undefined ? {} : { port }),
  });
}
