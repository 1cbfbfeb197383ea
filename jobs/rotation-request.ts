import { parseRequest, type Request } from '../src/queue/messages';
import { judgeRequest, type Verdict } from '../src/request';
import type { Credential } from '../src/types';
import { type JobDeps, type JobEnd, jobFields, refused } from './job';

export interface IncomingMessage {
  readonly name: string;
  readonly data: unknown;
  /** Writes the version that the message concerns into it. */
  readonly pin: (version: string) => Promise<void>;
}

/** One on-demand message: judged here, carried out in the queue of the credential's account. Never retried when refused. */
export async function rotationRequest(deps: JobDeps, message: IncomingMessage): Promise<JobEnd> {
  const parsed = parseRequest(message.name, message.data);
  if (!parsed.ok) return logged(deps, {}, { outcome: 'refused', reason: parsed.reason });
  const request = parsed.value;
  const credential = deps.find(request.credential);
  const asked = { credential: request.credential, requestedBy: request.requestedBy, wanted: request.reason };
  if (credential === undefined) return logged(deps, asked, { outcome: 'refused', reason: 'unknown-credential' });
  const context = deps.contextOf(credential, jobFields(credential, request), deps.stopping);
  const verdict = await judgeRequest({ ...context, pin: message.pin }, credential, request);
  if (verdict.outcome === 'accepted') await enqueue(deps, credential, request, verdict.version);
  if (verdict.outcome === 'done') await hurry(deps, credential, request, verdict.version);
  return logged(deps, { ...jobFields(credential, request), action: request.action, urgency: request.urgency }, verdict);
}

async function enqueue(
  { queues }: JobDeps,
  { id, account }: Credential,
  request: Request,
  version: string,
): Promise<void> {
  const { reason, requestedBy, urgency } = request;
  const job = { credential: id, version, reason, requestedBy };
  if (request.action === 'rollback') await queues.enqueueRollback(account, job);
  else if (request.action === 'rotate') await queues.enqueueRotate(account, { ...job, wish: urgency });
  else await queues.enqueueRevoke(account, { ...job, endGrace: true });
}

/** Compromised, and replaced already: its grace is over by the tag. A hint that saves the wait for a sweep. */
async function hurry({ queues }: JobDeps, credential: Credential, request: Request, version: string): Promise<void> {
  if (request.urgency !== 'compromised' || version === 'none') return;
  const { reason, requestedBy } = request;
  const job = { credential: credential.id, version, reason, requestedBy, endGrace: false };
  await queues.enqueueRevoke(credential.account, job);
}

function logged({ log }: JobDeps, fields: Readonly<Record<string, unknown>>, verdict: Verdict): JobEnd {
  log.info({ step: 'request', ...fields, ...verdict }, 'on-demand message');
  return verdict.outcome === 'refused' && verdict.version === undefined ? refused(verdict.reason) : { result: verdict };
}
