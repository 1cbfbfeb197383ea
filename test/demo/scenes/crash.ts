import { setTimeout as pause } from 'node:timers/promises';
import type { State } from '../../../src/decision';
import type { Company } from '../../support/company';
import { CAST } from '../cast';
import { subjectOf } from '../demo-company';
import type { Stage } from '../stage';
import { send } from './messages';

const [RECIPIENT, ACCESS_KEY] = CAST.answerLost;
const STAGED = CAST.staged;
const VICTIMS = [RECIPIENT, ACCESS_KEY, STAGED];

const HELD_MS = 10_000;
const LOOK_AT_IT_MS = 1_500;
const UNFINISHED: readonly State[] = ['in-flight', 'interrupted', 'staged', 'superseded'];

/** SIGKILL in the middle of three rotations, at two different moments, and what becomes of them. */
export async function crash(stage: Stage): Promise<void> {
  const { worker, say, row, endScene } = stage;
  say('9. Three rotations are caught in the middle: two vendors hold their answer');
  say('   back, and one value is stored, but not yet current.');
  await catchThem(stage);
  await worker.crash();
  for (const id of VICTIMS) say(`   SIGKILL: ${id} is ${row(id).decision.state}`);
  await pause(LOOK_AT_IT_MS);
  endScene();
  const before = CAST.answerLost.map((id) => [id, row(id).seen?.current?.id] as const);
  const staged = { version: row(STAGED).seen?.pending?.id, grants: grantsOf(stage, STAGED) };
  say('10. The worker starts again. It promotes what is stored, and waits until');
  say('    the dead owner of the two others could not act any more.');
  await stage.start(stage.company.manifestPath);
  await promoted(stage, staged);
  for (const [id, version] of before) await replaced(stage, id, version);
  endScene();
}

async function catchThem(stage: Stage): Promise<void> {
  const { row, until, sandbox } = stage;
  await until(`a quiet moment of ${VICTIMS.join(', ')}`, () => isQuiet(stage));
  holdAnswers(stage);
  const about = { reason: 'to be interrupted', requestedBy: 'the demo' };
  await Promise.all(VICTIMS.map((credential) => send(stage, 'rotate', { ...about, credential }, ['accepted'])));
  const caught = (): boolean =>
    sandbox.control.faults().length + sandbox.secretsManager.faults.list().length === 0 &&
    VICTIMS.every((id) => UNFINISHED.includes(row(id).decision.state));
  await until('three calls under way', caught);
}

const isQuiet = ({ row }: Stage): boolean => VICTIMS.every((id) => row(id).decision.state === 'fresh');

/** The vendors do what they are asked, and their answers come too late; the store never hears of the promotion. */
function holdAnswers({ sandbox, company, row }: Stage): void {
  const held = { kind: 'delay', hold: 'answer', ms: HELD_MS } as const;
  sandbox.control.addFaults(
    { ...held, route: 'flinks-outbound.regenerate', pathContains: subjectOf(company, RECIPIENT) },
    { ...held, route: 'finicity.access-key.generate', bodyContains: customerOf(company, ACCESS_KEY) },
  );
  const { secretName } = row(STAGED).credential;
  sandbox.secretsManager.faults.add({
    kind: 'hang',
    operation: 'UpdateSecretVersionStage',
    secret: secretName,
    count: 1,
  });
}

const customerOf = (company: Company, id: string): string => subjectOf(company, id).split('/', 1).join();

const grantsOf = ({ sandbox, company }: Stage, id: string): number => {
  return sandbox.control.grants({ subject: subjectOf(company, id) }).length;
};

/** The value was in the store: whoever finds it goes on with it. */
async function promoted(
  stage: Stage,
  { version, grants }: { readonly version: string | undefined; readonly grants: number },
): Promise<void> {
  await stage.until(`the promotion of ${STAGED}`, () => stage.row(STAGED).seen?.current?.id === version);
  if (grantsOf(stage, STAGED) > grants) throw new Error(`${STAGED} had a value staged, and yet another was issued`);
  stage.say(`   ${STAGED}: the stored value is current; no other was issued`);
}

/** Nobody knows what the vendor did: it is listed, and the credential gets another value. */
async function replaced({ row, until, say }: Stage, id: string, version: string | undefined): Promise<void> {
  await until(`another value of ${id}`, () => row(id).seen?.current?.id !== version);
  if (row(id).seen?.tags.suspects.length === 0) throw new Error(`${id}: an answer was lost, and no suspect is listed`);
  say(`   ${id}: a suspected orphan is listed, another value is current`);
}
