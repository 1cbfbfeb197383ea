import { CAST } from '../cast';
import type { Stage } from '../stage';
import { current, send } from './messages';

const BY = { requestedBy: 'ana', credential: CAST.partnerSecret };
const [, ACCESS_KEY] = CAST.answerLost;

/** The worker chooses the value, tells the vendor, and goes on with it: access keys need a login with it. */
export async function changePartnerSecret(stage: Stage): Promise<void> {
  stage.say('5. Meanwhile the partner secret is changed: the worker chooses the value, and');
  stage.say('   goes on with it. Again too early it is refused, but not as compromised.');
  await changed(stage, async () => {
    await send(stage, 'rotate', { ...BY, reason: 'once in half a year' }, ['accepted']);
  });
  await send(stage, 'rotate', { ...BY, reason: 'too early' }, ['refused']);
  await changed(stage, async () => {
    await send(stage, 'rotate', { ...BY, urgency: 'compromised', reason: 'seen in a mail' }, ['accepted']);
  });
  const before = current(stage, ACCESS_KEY);
  await send(stage, 'rotate', { ...BY, credential: ACCESS_KEY, reason: 'to try the login' }, ['accepted']);
  await stage.until(`another value of ${ACCESS_KEY}`, () => current(stage, ACCESS_KEY) !== before);
  stage.say(`   ${CAST.partnerSecret}: ${living(stage)} of three values works; with it ${ACCESS_KEY} was issued`);
}

async function changed(stage: Stage, ask: () => Promise<void>): Promise<void> {
  const before = current(stage, CAST.partnerSecret);
  await ask();
  await stage.until(`another value of ${CAST.partnerSecret}`, () => current(stage, CAST.partnerSecret) !== before);
}

const living = ({ sandbox }: Stage): number =>
  sandbox.control.grants({ kind: 'finicity-partner-secret', alive: true }).length;
