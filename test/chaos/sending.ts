import type { Company } from '../support/company';
import { asked, type Sender } from '../support/sender';
import type { Happening } from './timeline';

/** A message on its way: who sent it says which one it is, in the worker's log too. */
export interface Sent {
  readonly requestedBy: string;
  readonly credential: string;
  readonly what: string;
  readonly at: number;
}

/** Sends one message and waits for nothing: Redis may be away, and lose it. */
export function send({ queue }: Sender, { credentials }: Company, { what, pick, at }: Happening): Sent {
  const { id } = picked(credentials, pick);
  const sent = { requestedBy: `chaos-${at}`, credential: id, what, at: Date.now() };
  const { name, more } =
    what === 'compromised' ? { name: 'rotate', more: { urgency: what } } : { name: what, more: {} };
  queue.add(name, { ...asked(id), requestedBy: sent.requestedBy, ...more }).catch(() => undefined);
  return sent;
}

export function picked<T>(list: readonly T[], pick: number): T {
  const found = list[Math.floor(pick * list.length)];
  if (found === undefined) throw new Error('nothing to pick from');
  return found;
}
