import { empty, html, json, text, type WireAnswer } from '../http/wire';
import type { Later } from '../later';
import type { Operation } from '../vendor-facts/operations';
import { serverErrorBody, throttledBody } from './bodies';
import type { Fault } from './fault';
import { rewriteAnswer } from './rewrite';

/** What goes out over the socket: an answer, the first half of one, or a reset. */
export type Outcome =
  | { readonly kind: 'answer'; readonly answer: WireAnswer }
  | { readonly kind: 'truncated'; readonly answer: WireAnswer }
  | { readonly kind: 'reset' };

/** Plays one call out under a fault: lets it take effect (`act`) or not, and makes what the client sees of it. */
export async function playOut(fault: Fault | null, act: () => WireAnswer, later: Later): Promise<Outcome> {
  if (fault === null) return { kind: 'answer', answer: act() };
  switch (fault.kind) {
    case 'delay':
      return { kind: 'answer', answer: await held(fault, act, later) };
    case 'throttled-429':
      return { kind: 'answer', answer: throttled(fault.route, fault.retryAfter) };
    case 'throttled-401':
      return { kind: 'answer', answer: json(401, { HttpStatusCode: 401, FlinksCode: fault.flinksCode }) };
    case 'truncated-body':
      return { kind: 'truncated', answer: act() };
    case 'malformed-json':
      return { kind: 'answer', answer: malformed(act()) };
    case 'rewrite':
      return { kind: 'answer', answer: rewriteAnswer(act(), fault) };
    default:
      takeEffect(fault, act, later);
      return fault.kind === 'reset' ? { kind: 'reset' } : { kind: 'answer', answer: replacement(fault) };
  }
}

type Replacing = Extract<Fault, { effect: 'none' | 'done' | 'late' }>;

function takeEffect(fault: Replacing, act: () => WireAnswer, later: Later): void {
  if (fault.effect === 'done') act();
  if (fault.effect === 'late') later.run(fault.lateMs, act);
}

async function held(fault: { ms: number; hold: string }, act: () => WireAnswer, later: Later): Promise<WireAnswer> {
  if (fault.hold === 'request') {
    await later.wait(fault.ms);
    return act();
  }
  const answer = act();
  await later.wait(fault.ms);
  return answer;
}

function throttled(route: Operation, retryAfter: string | null): WireAnswer {
  return json(429, throttledBody(route), retryAfter === null ? {} : { 'retry-after': retryAfter });
}

/** Cuts the JSON short and sends it as if it were whole. */
function malformed(answer: WireAnswer): WireAnswer {
  return { ...answer, body: answer.body.slice(0, -1) };
}

function replacement(fault: Exclude<Replacing, { kind: 'reset' }>): WireAnswer {
  switch (fault.kind) {
    case 'error-500':
      return json(500, serverErrorBody(fault.route));
    case 'html-200':
      return html(200, 'Please sign in');
    case 'accepted-202':
      return json(202, { HttpStatusCode: 202, FlinksCode: 'OPERATION_PENDING' });
    case 'redirect':
      return { ...empty(fault.status), headers: { location: fault.location } };
    case 'answer':
      return { ...text(fault.status, fault.body), headers: { 'content-type': fault.contentType } };
  }
}
