import { CAST } from '../cast';
import type { Message, Stage } from '../stage';

const BY = { requestedBy: 'ana' };

/** What people ask for: by a bare BullMQ queue, as any program could. */
export async function messages(stage: Stage): Promise<void> {
  stage.say('3. A stranger sends messages of both urgencies; two of them are refused.');
  await normal(stage, CAST.retired);
  await compromised(stage, CAST.compromised);
  await send(stage, 'rotate', { ...BY, credential: 'nobodys', reason: 'a typing error' }, ['refused']);
  stage.endScene();
}

/** `rotate`, again too early, then `revoke` instead of waiting for the grace period to end. */
async function normal(stage: Stage, credential: string): Promise<void> {
  const about = { ...BY, credential, urgency: 'normal' } as const;
  const before = current(stage, credential);
  await send(stage, 'rotate', { ...about, reason: 'partner asked' }, ['accepted']);
  await stage.until(`another value of ${credential}`, () => current(stage, credential) !== before);
  await send(stage, 'rotate', { ...about, reason: 'partner asked twice' }, ['refused', 'accepted']); // slow machine: grace is over
  await send(stage, 'revoke', { ...about, reason: 'partner has changed over' }, ['accepted', 'done']);
  await stage.until(`the end of the old grant of ${credential}`, () => isSettled(stage, credential, before));
}

/** Rotates at once, and the old grant goes without grace. */
async function compromised(stage: Stage, credential: string): Promise<void> {
  const before = current(stage, credential);
  await send(stage, 'rotate', { ...BY, credential, urgency: 'compromised', reason: 'seen in a paste' }, ['accepted']);
  await stage.until(`another value of ${credential}`, () => current(stage, credential) !== before);
  await stage.until(`the end of the old grant of ${credential}`, () => isSettled(stage, credential, before));
}

export async function send(
  { ask, say }: Stage,
  name: 'rotate' | 'revoke',
  message: Message,
  expected: readonly string[],
): Promise<void> {
  const { outcome, reason } = await ask(name, message);
  const what = `${name} ${message.credential}${message.urgency === 'compromised' ? ' (compromised)' : ''}`;
  say(`   ${what} -> ${outcome}: ${reason}`);
  if (!expected.includes(outcome))
    throw new Error(`The message "${what}" was to be ${expected.join(' or ')}: ${reason}`);
}

export const current = ({ row }: Stage, id: string): string | undefined => row(id).seen?.current?.id;

/** Its grant was dealt with, or another version has taken its place as AWSPREVIOUS since. */
export function isSettled({ row }: Stage, id: string, version: string | undefined): boolean {
  const { seen, decision } = row(id);
  return seen?.previous?.id === version ? decision.state === 'fresh' : seen?.current?.id !== version;
}
