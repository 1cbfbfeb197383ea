import type { CompanyCredential } from './company';
import { type Holdings, isIntent } from './holdings';
import type { Scene } from './scene';
import { holdAnswers, issuedOf, REVOKE } from './vendor-calls';

const LONG_MS = 60_000;
const CREDENTIALS = 'credentials/*';

/** Where a worker can be killed or paused: what holds it there, and how the world shows that it has arrived. */
export interface Point {
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

/** Of an attempt. */
export const ATTEMPT_POINTS: Readonly<Record<string, Point>> = {
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

/** Of the settling of the version before. */
export const SETTLING_POINTS: Readonly<Record<string, Point>> = {
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

/** Holds the worker there: faults first, then the work. @returns whether every credential has arrived */
export function holdAt(scene: Scene, { hold, reached }: Point): () => boolean {
  const before = scene.current();
  scene.sandbox.secretsManager.calls.clear();
  hold(scene);
  return () =>
    scene.company.credentials.every((one) => reached(scene.holdings(one), seen(scene, one, before.get(one.id))));
}

/** What was held stays so; nothing more is. */
export function letGo({ sandbox }: Scene): void {
  sandbox.secretsManager.faults.clear();
  sandbox.control.clearFaults();
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
    issued: issuedOf(sandbox, kind) > answers.length,
    revoked: isDead && (tried || kind !== 'flinks-outbound-recipient'),
  };
}

/** Each rotation that was due has led to one promoted version; where an answer was lost, that is listed. */
export function expectOnce(scene: Scene, { lost }: Point, rotations: number): void {
  const { credentials } = scene.company;
  const suspects = lost === undefined ? 0 : 1;
  expect(scene.audit()).toMatchObject({
    ...{ credentials: 3, working: 3, inGrace: 0, listed: 0, violations: [] },
    suspects: suspects * 3,
  });
  for (const one of credentials) {
    expect([one.id, scene.holdings(one).answers.length]).toEqual([one.id, rotations]);
    expect([one.id, issuedOf(scene.sandbox, one.kind)]).toEqual([one.id, rotations + (lost === 'grant' ? 1 : 0)]);
  }
}
