import { hostname, userInfo } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Queue } from 'bullmq';
import { z } from 'zod';
import { SecretStoreError, UsageError } from '../errors';
import { cleaned } from '../queue/cleaned';
import { orUnavailable } from '../queue/connection';
import { REQUESTS_QUEUE } from '../queue/names';
import { openProducer } from '../queue/producer';
import { KEEP_COMPLETED, KEEP_FAILED } from '../queue/retention';
import type { Credential } from '../types';
import { credentialsNamed } from './credential-ids';
import { FAILED, OK } from './exit-codes';
import { carriedOut } from './following';
import { paint, print, printJson } from './output';
import { nextAfter } from './results';
import { refuseDryRun, type Workplace } from './workplace';

export interface Wanted {
  readonly action: 'rotate' | 'revoke';
  readonly urgency: 'normal' | 'compromised';
  readonly reason: string;
  /** How long to follow each; undefined: only sent. */
  readonly waitMs: number | undefined;
  readonly json: boolean;
}

/** As commander gives them. */
export interface AskOptions {
  readonly compromised?: true;
  readonly reason: string;
  /** `true`: without a number. */
  readonly wait?: string | true;
  readonly json?: true;
}

/** @throws UsageError */
export const wantedOf = (action: Wanted['action'], options: AskOptions): Wanted => ({
  action,
  urgency: options.compromised ? 'compromised' : 'normal',
  reason: checkedReason(options.reason),
  waitMs: waitMs(options.wait),
  json: options.json ?? false,
});

/** What became of one request. */
export interface Result {
  readonly credential: string;
  /** `sent`: not waited for; `done`: there was nothing (more) to do; `not-yet`: it did not happen in time. */
  readonly outcome: 'sent' | 'rotated' | 'revoked' | 'done' | 'refused' | 'failed' | 'not-yet';
  readonly reason: string;
  /** The version that it concerned. */
  readonly version?: string;
  readonly message: string;
}

const SUCCEEDED: readonly Result['outcome'][] = ['sent', 'rotated', 'revoked', 'done'];
const POLL_MS = 250;
const DEFAULT_WAIT_S = 300;
const LONGEST_WAIT_S = 86_400;

/** Sends one message for each; nothing is sent while an id is unknown. */
export async function ask(place: Workplace, ids: readonly string[], wanted: Wanted): Promise<number> {
  refuseDryRun(place);
  const credentials = credentialsNamed(place.manifest, ids);
  const queue = openProducer(REQUESTS_QUEUE, { failFast: place.connections.failFast, prefix: place.config.prefix });
  try {
    const results = await Promise.all(credentials.map((credential) => askOne(place, queue, credential, wanted)));
    if (wanted.json) printJson({ results });
    return results.every(({ outcome }) => SUCCEEDED.includes(outcome)) ? OK : FAILED;
  } finally {
    await queue.close();
  }
}

async function askOne(
  place: Workplace,
  queue: Queue<unknown>,
  credential: Credential,
  wanted: Wanted,
): Promise<Result> {
  const message = await send(queue, credential, wanted);
  const result =
    wanted.waitMs === undefined
      ? { credential: credential.id, outcome: 'sent' as const, reason: 'a worker takes it within seconds', message }
      : await followed(place, queue, credential, wanted, message);
  if (!wanted.json) show(result, wanted);
  return result;
}

async function send(queue: Queue<unknown>, { id }: Credential, { action, urgency, reason }: Wanted): Promise<string> {
  const data = { credential: id, reason, requestedBy: whoAsks(), urgency };
  const options = { removeOnComplete: KEEP_COMPLETED, removeOnFail: KEEP_FAILED };
  const job = await orUnavailable('nothing was sent for sure', () => queue.add(action, data, options));
  return job.id ?? '';
}

/** Whose session this is; for the log. */
function whoAsks(): string {
  return cleaned(`${userName()}@${hostname()}`, 200);
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`; // a container's user need not have a name
  }
}

/** What a worker wrote; or somebody else who can write to Redis. */
const answerSchema = z.object({ outcome: z.string(), reason: z.string(), version: z.string().optional() });
type Answer = z.infer<typeof answerSchema>;

async function followed(
  place: Workplace,
  queue: Queue<unknown>,
  credential: Credential,
  wanted: Wanted,
  message: string,
): Promise<Result> {
  const deadline = performance.now() + (wanted.waitMs ?? 0);
  const answer = await answerTo(queue, message, deadline);
  const base = { credential: credential.id, message };
  if (answer === undefined) {
    const reason = 'no worker has taken the message; it stays in the queue. Is a worker running?';
    return { ...base, outcome: 'not-yet', reason };
  }
  const { outcome, version } = answer;
  const reason = cleaned(answer.reason, 300);
  if (outcome !== 'accepted' || version === undefined) {
    return { ...base, outcome: outcome === 'done' || outcome === 'refused' ? outcome : 'failed', reason };
  }
  const end = await carriedOut(place, credential, wanted.action, version, reason, deadline).catch((error: unknown) => {
    if (!(error instanceof SecretStoreError)) throw error;
    return { outcome: 'not-yet' as const, reason: `${reason}; how it went is not known: ${error.message}` };
  });
  return { ...base, version, ...end };
}

/** @returns undefined when nobody has answered in time */
async function answerTo(queue: Queue<unknown>, message: string, deadline: number): Promise<Answer | undefined> {
  for (;;) {
    const job = await orUnavailable('the message was sent, its answer is not known', () => queue.getJob(message));
    if (job === undefined)
      return { outcome: 'failed', reason: 'the message is gone: Redis was emptied. Send it again' };
    if (job.failedReason !== undefined) return { outcome: 'failed', reason: job.failedReason };
    const answer = answerSchema.safeParse(job.returnvalue);
    if (answer.success) return answer.data;
    if (performance.now() + POLL_MS > deadline) return undefined;
    await sleep(POLL_MS);
  }
}

function show(result: Result, wanted: Wanted): void {
  const { credential, outcome, reason } = result;
  const colour = SUCCEEDED.includes(outcome) ? 'green' : 'red';
  print(`${credential}: ${paint(colour, outcome)} (${reason})`);
  const next = nextAfter(result, wanted);
  if (next !== undefined) print(`  next: ${next}`);
}

/** `--wait` alone means the default. @throws UsageError */
function waitMs(wait: string | true | undefined): number | undefined {
  if (wait === undefined) return undefined;
  const seconds = wait === true ? DEFAULT_WAIT_S : Number(wait);
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= LONGEST_WAIT_S) return seconds * 1_000;
  throw new UsageError(`--wait takes whole seconds from 1 to ${LONGEST_WAIT_S}; alone it means ${DEFAULT_WAIT_S}.`);
}

/** @throws UsageError */
function checkedReason(reason: string): string {
  const text = cleaned(reason, 501);
  if (text.length > 0 && text.length <= 500) return text;
  throw new UsageError('--reason takes a text of 1 to 500 characters; it stands in the log.');
}
