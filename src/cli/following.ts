import { setTimeout as sleep } from 'node:timers/promises';
import { isUnsettled } from '../due';
import { readLastAttempt } from '../last-attempt';
import type { Observation } from '../secret-store';
import { currentName } from '../situation';
import type { Credential } from '../types';
import type { Result } from './asking';
import { pausesNow } from './pauses';
import { rowOf } from './status-rows';
import { nextAction } from './words';
import type { Workplace } from './workplace';

const POLL_MS = 1_000;

/** Whether it is paused is told when the time is over: a pause ends by itself. */
const NO_PAUSES = new Map();

type End = Pick<Result, 'outcome' | 'reason'>;

/**
 * Follows an accepted request by the labels: until AWSCURRENT has left the version, or its grant is settled; or until it
 * is known why not, or the time is over.
 * @param accepted the words of the answer, which say where it must wait
 */
export async function carriedOut(
  place: Workplace,
  credential: Credential,
  action: 'rotate' | 'revoke',
  version: string,
  accepted: string,
  deadline: number,
): Promise<End> {
  const { store } = place.collaborators;
  for (;;) {
    const seen = await store.observe(credential);
    const end = action === 'rotate' ? rotationEnd(seen, version) : revocationEnd(seen, version);
    if (end !== undefined) return end;
    const { decision } = rowOf(place.collaborators, credential, seen, NO_PAUSES);
    const { state, reason } = decision;
    if (state === 'blocked' || state === 'suspected') return { outcome: 'failed', reason: `${state}: ${reason}` };
    if (performance.now() + POLL_MS > deadline) return notYet(place, credential, seen, accepted);
    await sleep(POLL_MS);
  }
}

function rotationEnd(seen: Observation | undefined, version: string): End | undefined {
  const current = currentName(seen);
  return current === version || current === 'none'
    ? undefined
    : { outcome: 'rotated', reason: `AWSCURRENT is ${current}` };
}

function revocationEnd(seen: Observation | undefined, version: string): End | undefined {
  if (seen?.tags.unrevoked.includes(version))
    return { outcome: 'failed', reason: 'unrevoked: a person has to revoke it' };
  const settled = seen !== undefined && (seen.previous?.id !== version || !isUnsettled(seen));
  return settled ? { outcome: 'revoked', reason: 'settled' } : undefined;
}

/** The time is over: what the state says of why. */
async function notYet(
  { collaborators }: Workplace,
  credential: Credential,
  seen: Observation | undefined,
  accepted: string,
): Promise<End> {
  const last = seen === undefined ? undefined : await readLastAttempt(collaborators.store, credential, seen);
  const { decision } = rowOf(collaborators, credential, seen, await pausesNow(collaborators), last);
  const failed = last === undefined ? '' : `; the last attempt was given up: ${last.because}`;
  const next = nextAction(decision, collaborators.clock.now());
  return { outcome: 'not-yet', reason: `${accepted}; ${decision.state} (${decision.reason}), next: ${next}${failed}` };
}
