import type { CompanyCredential } from '../support/company';
import { type Holdings, isIntent } from '../support/holdings';
import { openScene, type Scene } from '../support/scene';
import { holdAnswers, ISSUE, REVOKE } from '../support/vendor-calls';
import type { WorkerProcess } from '../support/worker-process';

jest.setTimeout(120_000);

const LONG_MS = 60_000;
const CREDENTIALS = 'credentials/*';

/** Where a worker can be killed: what holds it there, and how the world shows that it has arrived. */
interface Point {
  readonly hold: (scene: Scene) => void;
  readonly reached: (holdings: Holdings, seen: Seen) => boolean;
  /** Attempts whose outcome nobody can know are listed; of these an issue call took effect. */
  readonly lost?: 'attempt' | 'grant';
}

interface Seen {
  /** AWSCURRENT before the rotation. */
  readonly before: string | undefined;
  /** The vendor has issued something that no version holds. */
  readonly issued: boolean;
  /** The vendor has done all that settling asks of it. */
  readonly revoked: boolean;
}

const isStaged = ({ pending, current }: Holdings): boolean =>
  pending !== undefined && !isIntent(pending) && pending !== current;
const isPromoted = ({ current }: Holdings, { before }: Seen): boolean =>
  current !== undefined && !isIntent(current) && current !== before;
const isSettled = ({ previous, tags }: Holdings): boolean => tags['rotation:revoked'] === previous;

/** Answers of Secrets Manager that never come: the call has taken effect (`hang-after`), or never will (`hang`). */
const silent =
  (kind: 'hang' | 'hang-after', operation: string) =>
  ({ sandbox }: Scene): void =>
    sandbox.secretsManager.faults.add({ kind, operation, secret: CREDENTIALS });

const POINTS: Readonly<Record<string, Point>> = {
  'after the intent, before the issue call': {
    hold: silent('hang-after', 'PutSecretValue'),
    reached: ({ pending }, { issued }) => isIntent(pending) && !issued,
    lost: 'attempt',
  },
  'after the issue, before its answer is staged': {
    hold: ({ sandbox }) => holdAnswers(sandbox, LONG_MS),
    reached: ({ pending }, { issued }) => isIntent(pending) && issued,
    lost: 'grant',
  },
  'after the stage, before the promotion': {
    hold: silent('hang', 'UpdateSecretVersionStage'),
    reached: isStaged,
  },
  'after the promotion, before the end of the job': {
    hold: silent('hang-after', 'UpdateSecretVersionStage'),
    reached: isPromoted,
  },
};

const SETTLING: Readonly<Record<string, Point>> = {
  'after the revocation, before it is written down': {
    hold: (scene) => {
      holdAnswers(scene.sandbox, LONG_MS, REVOKE);
      silent('hang', 'TagResource')(scene);
    },
    reached: (holdings, seen) => isPromoted(holdings, seen) && seen.revoked && !isSettled(holdings),
  },
  'after the settling was written down': {
    hold: silent('hang-after', 'TagResource'),
    reached: (holdings, seen) => isPromoted(holdings, seen) && isSettled(holdings),
  },
};

describe('kill -9 of a worker that issues first values, and a restart: every kind is finished', () => {
  test.concurrent.each(Object.entries(POINTS))('%s', async (_, point) => {
    const scene = await openScene({ perKind: 1, timeout: '2s' });
    point.hold(scene);
    await crashAt(scene, point, await scene.startWorker(), new Map());

    await scene.startWorker();
    await scene.finished();

    expectAudit(scene, point, 1);
  });
});

describe('kill -9 of a worker that rotates, and a restart: every kind is finished', () => {
  test.concurrent.each(Object.entries({ ...POINTS, ...SETTLING }))('%s', async (_, point) => {
    const scene = await openScene({ perKind: 1, timeout: '2s' });
    const doomed = await scene.startWorker();
    await scene.finished();
    const before = scene.current();
    scene.sandbox.secretsManager.calls.clear();
    point.hold(scene);
    await scene.rotate();
    await crashAt(scene, point, doomed, before);

    await scene.startWorker();
    await scene.finished(before);

    expectAudit(scene, point, 2);
  });
});

async function crashAt(
  scene: Scene,
  { reached }: Point,
  doomed: WorkerProcess,
  before: ReadonlyMap<string, string | undefined>,
): Promise<void> {
  const { credentials } = scene.company;
  const isThere = (one: CompanyCredential): boolean =>
    reached(scene.holdings(one), seen(scene, one, before.get(one.id)));
  await scene.until(() => credentials.every(isThere), 'every kind is at the point');
  expect(await doomed.kill('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
  expect(credentials.filter((one) => !isThere(one))).toEqual([]);
  scene.sandbox.secretsManager.faults.clear();
  scene.sandbox.control.clearFaults();
}

function seen({ sandbox, holdings }: Scene, credential: CompanyCredential, before: string | undefined): Seen {
  const { kind, secret } = credential;
  const { answers, value } = holdings(credential);
  const { control, secretsManager } = sandbox;
  // Of an Outbound recipient nothing is revoked: the old secret was tried once the tag is to be written.
  const tried = (secretsManager.calls.counts(secret).TagResource ?? 0) > 0;
  const isDead = !control.storedValueWorks(kind, value(before));
  return {
    before,
    issued: control.counters().effects[ISSUE[kind]] > answers.length,
    revoked: isDead && (tried || kind !== 'flinks-outbound-recipient'),
  };
}

/** Each rotation that was due has led to one promoted version; where an answer was lost, that is listed. */
function expectAudit(scene: Scene, { lost }: Point, rotations: number): void {
  const { credentials } = scene.company;
  const suspects = lost === undefined ? 0 : 1;
  const { effects } = scene.sandbox.control.counters();
  expect(scene.audit()).toMatchObject({
    ...{ credentials: 3, working: 3, inGrace: 0, listed: 0, violations: [] },
    suspects: suspects * 3,
  });
  for (const one of credentials) {
    expect([one.id, scene.holdings(one).answers.length]).toEqual([one.id, rotations]);
    expect([one.id, effects[ISSUE[one.kind]]]).toEqual([one.id, rotations + (lost === 'grant' ? 1 : 0)]);
  }
}
