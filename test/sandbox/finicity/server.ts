import type { Listening } from '../http/listen';
import { startStandIn } from '../http/stand-in';
import type { FinicityOperation } from '../vendor-facts/operations';
import { answerGenerateKey, answerRevokeKey, answerUpdateKey } from './access-keys';
import { answerAuthenticate } from './authenticate';
import { answerModifySecret } from './modify-secret';
import type { FinicityState } from './state';

/** The stand-in for Finicity / Mastercard Open Finance US. */
export function startFinicity(state: FinicityState, port?: number): Promise<Listening> {
  return startStandIn<FinicityOperation>(state.world, {
    vendor: 'finicity',
    handlers: {
      'finicity.authenticate': ({ request }) => answerAuthenticate(state, request),
      'finicity.modify-partner-secret': ({ request }) => answerModifySecret(state, request),
      'finicity.access-key.generate': ({ request }) => answerGenerateKey(state, request),
      'finicity.access-key.update': ({ request, parameters: { consentReceiptId } }) =>
        answerUpdateKey(state, request, consentReceiptId),
      'finicity.access-key.revoke': ({ request, parameters: { consentReceiptId } }) =>
        answerRevokeKey(state, request, consentReceiptId),
    },
    ...(port === undefined ? {} : { port }),
  });
}
