import type { Listening } from '../http/listen';
import { startStandIn } from '../http/stand-in';
import type { FinoutOperation } from '../vendor-facts/operations';
import type { FinoutState } from './state';
import { answerEndpoints, answerViews, enter } from './views';

/** The stand-in for Finout. */
export function startFinout(state: FinoutState, port?: number): Promise<Listening> {
  return startStandIn<FinoutOperation>(state.world, {
    vendor: 'finout',
    handlers: {
      'finout.view': ({ request }) => answerViews(state, request),
      'finout.endpoints': ({ request }) => answerEndpoints(state, request),
    },
    enter: (request) => enter(state, request),
    ...(port === undefined ? {} : { port }),
  });
}
