import { setImmediate as soon } from 'node:timers/promises';
import { BLOCKED_TAG, LOGIN_OPEN_TAG } from '../../src/rotation-tags';
import { loginLedger } from '../../src/secrets-manager/login-ledger';
import type { Sandbox } from '../sandbox/start';
import { OWN_FINICITY } from '../support/company';
import { judged } from '../support/judged';
import { auditLab } from '../support/lab-audit';
import { type Hasty, type LiveLab, liveLabs, type OpenLiveLab } from '../support/live-lab';
import { count, sized } from '../support/proof';
import { recover } from '../support/recovery';
import { tolerated } from '../support/workers';
import { AWS_FAULTS } from './aws-faults';
import { AWS_CALLS, VENDOR_CALLS } from './calls';
import { SCENES, type Scene } from './scenes';
import { type Step, stepsOf } from './steps';
import { atCall, isLate, vendorFaults } from './vendor-faults';

// Each call that changes something, at the vendors and at Secrets Manager, with each fault of the sandbox, through the real HTTP client
// and the real SDK. Then sweeps run to the end, what is late takes effect, and everything is judged as in the crash lab.

jest.setTimeout(sized({ short: 300_000, full: 900_000 }));

interface StepFault {
  readonly name: string;
  /** Who keeps silent. */
  readonly silent?: Hasty | undefined;
  /** Something takes effect when everything seems to be over. */
  readonly late: boolean;
  setAt(sandbox: Sandbox): void;
}

function faultsOf(step: Step): readonly StepFault[] {
  const { operation, nth } = step;
  if (step.at === 'vendor') {
    return vendorFaults(step.operation).map((fault) => ({
      name: fault.name,
      silent: fault.slow === true ? 'vendor' : undefined,
      late: isLate(fault),
      setAt: ({ control }) => control.addFaults(atCall(step.operation, nth, fault)),
    }));
  }
  return AWS_FAULTS.map(({ name, slow, delayMs }) => ({
    name,
    silent: slow ? step.operation : undefined,
    late: name === 'delay',
    setAt: ({ secretsManager }) => secretsManager.faults.add({ kind: name, operation, skip: nth, count: 1, delayMs }),
  }));
}

let open: OpenLiveLab;
beforeAll(async () => {
  open = await liveLabs();
});

/** @returns what is broken */
async function faulted(scene: Scene, step: Step, fault: StepFault): Promise<string | undefined> {
  const where = `${scene.name}: ${fault.name} at ${step.label} (${step.nth + 1})`;
  const lab = await open(scene.setting);
  const { sandbox } = lab;
  try {
    await scene.prepare(lab);
    fault.setAt(sandbox);
    const job = (): Promise<unknown> => tolerated(scene.job(lab));
    await lab.overSdk(job, fault.silent);
    await untilAPersonLooks(lab);
    const later = fault.late ? [() => takesEffect(lab)] : [];
    await judged(lab, where, later);
    const left = [...sandbox.control.faults(), ...sandbox.secretsManager.faults.list()];
    if (left.length > 0) return `${where}: never happened`;
    const deviations = sandbox.control.deviations();
    if (deviations.length > 0) return `${where}: ${JSON.stringify(deviations)}`;
    count('faulted answers');
    return undefined;
  } catch (error) {
    return error instanceof Error ? `${where}: ${error.message}` : where;
  } finally {
    lab.close();
  }
}

/**
 * Nobody logs in with the partner secret once the outcome of a login is unknown, or its mark came when nobody was left to take it away:
 * that counts as refused, and access keys wait for a person. Until then what has to go may stay; nothing may be lost or issued twice.
 */
async function untilAPersonLooks(lab: LiveLab): Promise<void> {
  if (lab.credential.kind !== 'finicity-access-key' || !isStopped(lab)) return;
  await recover(lab);
  if (!isStopped(lab)) return;
  const broken = auditLab(lab, { afterGrace: false }).filter((finding) => !/^P[24]/.test(finding));
  if (broken.length > 0) throw new Error(`stopped: ${broken.join('; ')}`);
  await aPersonLooks(lab);
}

function isStopped({ sandbox }: LiveLab): boolean {
  const { Tags = [] } = sandbox.secretsManager.store.DescribeSecret({ SecretId: OWN_FINICITY });
  return Tags.some(({ Key }) => Key === BLOCKED_TAG || Key === LOGIN_OPEN_TAG);
}

const aPersonLooks = ({ world }: LiveLab): Promise<void> =>
  loginLedger(world.client(), world.clock).unblock(OWN_FINICITY);

async function takesEffect(lab: LiveLab): Promise<void> {
  lab.runLate();
  await soon();
  if (lab.credential.kind === 'finicity-access-key') await aPersonLooks(lab);
}

/** The short size goes through each fault at each call once, in the first scene that has it. */
const EVERYWHERE = sized({ short: false, full: true });
const gone = new Set<string>();
const met = new Set<string>();

/** Where an issued value may be lost each kind has its own ways. */
const OF_EACH_KIND = ['PutSecretValue value'];

function isNew({ setting: { kind } }: Scene, { label }: Step, fault: StepFault): boolean {
  const name = `${OF_EACH_KIND.includes(label) ? kind : 'any'} ${label}: ${fault.name}`;
  if (gone.has(name)) return EVERYWHERE;
  gone.add(name);
  return true;
}

async function stepsIn(scene: Scene): Promise<readonly Step[]> {
  const lab = await open(scene.setting);
  const steps = await stepsOf(scene, lab).finally(lab.close);
  for (const { operation } of steps) met.add(operation);
  return steps;
}

test.each(SCENES.map((scene) => [scene.name, scene] as const))('%s', async (_name, scene) => {
  const broken: string[] = [];
  let cases = 0;
  for (const step of await stepsIn(scene)) {
    for (const fault of faultsOf(step)) {
      if (!isNew(scene, step, fault)) continue;
      const found = await faulted(scene, step, fault);
      cases += 1;
      if (found !== undefined) broken.push(found);
    }
  }
  if (EVERYWHERE) process.stdout.write(`${scene.name}: ${cases} faulted answers\n`);
  expect(broken).toEqual([]);
});

test('every operation that changes something was among them', () => {
  const all = Object.entries({ ...VENDOR_CALLS, ...AWS_CALLS });
  const changing = all.filter(([, is]) => is === 'changes').map(([operation]) => operation);
  expect(changing.filter((operation) => !met.has(operation))).toEqual([]);
});
