import { html, json, type WireAnswer, type WireRequest } from '../http/wire';
import { markedUuid, unique } from '../ids';
import { type FinoutState, TOKEN } from './state';

const refusal = (status: number, error: string): WireAnswer =>
  json(status, { requestId: markedUuid('f1f1f1f1'), error, message: `synthetic: ${error}` });

/** Lets in whose token works and may do this (providers.md 4.2). */
function asToken(state: FinoutState, request: WireRequest, answer: () => unknown): WireAnswer {
  const { world, switches, withoutPermission } = state;
  if (switches.down) return refusal(503, 'Service Unavailable');
  if (switches.loginPage) return html(200, 'Log in to Finout');
  const grantId = request.headers['x-finout-client-id'] ?? '';
  const by = { kind: TOKEN, grantId, secret: request.headers['x-finout-secret-key'] ?? '' } as const;
  if (!world.ledger.works(by, world.clock.now())) {
    const ended = world.ledger.find(by).some(({ usableFrom }) => usableFrom <= world.clock.now());
    return ended ? refusal(switches.endedStatus, 'Token is not valid') : refusal(401, 'Unauthorized');
  }
  if (withoutPermission.has(grantId)) return refusal(403, 'Forbidden');
  return json(200, { data: answer(), requestId: markedUuid('f0f0f0f0') });
}

/** GET /v1/view. */
export const answerViews = (state: FinoutState, request: WireRequest): WireAnswer =>
  asToken(state, request, () => [{ name: 'synthetic view', id: markedUuid('f2f2f2f2') }]);

/** GET /v1/endpoints: whoever calls it gets secrets that are no business of theirs, and it is written down. */
export function answerEndpoints(state: FinoutState, request: WireRequest): WireAnswer {
  const { path, method } = request;
  const deviations = ['finout.endpoints: answers with webhook addresses, not to be called'];
  state.world.journal.deviated({ vendor: 'finout', method, path, deviations });
  const webhookUrl = `https://hooks.slack.example/services/${unique('')}`;
  state.world.secretValues.add(webhookUrl);
  return asToken(state, request, () => [
    { id: markedUuid('f3f3f3f3'), type: 'slack', webhookUrl, email: 'ops@app.example' },
  ]);
}

/** One more request of this token: refused where there are too many. `leave` is called when it has been answered. */
export function enter(state: FinoutState, request: WireRequest): { refusal?: WireAnswer; leave(): void } {
  const { underWay, switches } = state;
  const clientId = request.headers['x-finout-client-id'] ?? '';
  const now = (underWay.get(clientId) ?? 0) + 1;
  underWay.set(clientId, now);
  state.mostAtOnce = Math.max(
    state.mostAtOnce,
    [...underWay.values()].reduce((sum, n) => sum + n, 0),
  );
  const leave = (): void => void underWay.set(clientId, (underWay.get(clientId) ?? 1) - 1);
  const tooMany = switches.requestsAtOnce !== null && now > switches.requestsAtOnce;
  return tooMany ? { refusal: refusal(429, 'Too Many Requests'), leave } : { leave };
}
