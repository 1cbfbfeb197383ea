import { type Effect, holding, open, promotes, putsIntent, verb } from '../support/gates';
import type { Label } from '../support/lab-view';
import type { LiveLab, LiveSetting } from '../support/live-lab';
import { partnerStarts } from '../support/partner-situations';
import { recover } from '../support/recovery';
import type { AnyLab } from '../support/rotation-lab';
import { type Job, ROLLBACKS, STARTS, type Start, type Starts } from '../support/situations';

/** A situation over sockets, reached without faults, and the job whose answers then go wrong. */
export interface Scene {
  readonly name: string;
  readonly setting: LiveSetting;
  prepare(lab: LiveLab): Promise<void>;
  job(lab: LiveLab): Promise<unknown>;
}

const OUTBOUND: LiveSetting = { kind: 'flinks-outbound-recipient', behaviour: 'in-place' };
const OUTBOUND_BOTH: LiveSetting = {
  ...OUTBOUND,
  behaviour: 'overlap',
  switches: { flinksOutbound: { oldSecretLivesMs: null } },
};
const AUTH: LiveSetting = { kind: 'flinks-auth-secret', behaviour: 'overlap' };
const AUTH_SAME: LiveSetting = {
  ...AUTH,
  behaviour: 'same',
  switches: { flinksDataSharing: { secondGenerate: 'same' } },
};
const AUTH_REPLACED: LiveSetting = {
  ...AUTH,
  behaviour: 'replace',
  switches: { flinksDataSharing: { secondGenerate: 'replace' } },
};
const KEY: LiveSetting = { kind: 'finicity-access-key', behaviour: 'overlap' };
const EXTENDED: LiveSetting = { ...KEY, policy: { renewal: 'extend' } };
const EXTENDED_ANEW: LiveSetting = {
  ...EXTENDED,
  behaviour: 'other-id',
  switches: { finicity: { updateKeepsReceiptId: false } },
};
const PARTNER: LiveSetting = { kind: 'finicity-partner-secret', behaviour: 'chosen+grace' };
const PARTNER_AT_ONCE: LiveSetting = { ...PARTNER, behaviour: 'chosen', switches: { finicity: { graceMs: 0 } } };

const scene = (name: string, setting: LiveSetting, { prepare, job }: Start<LiveLab>): Scene => ({
  name: `${setting.kind} (${setting.behaviour}): ${name}`,
  setting,
  prepare,
  job: (lab) => job(lab).run(lab, open),
});

const of = (starts: Starts<LiveLab>, setting: LiveSetting, ...names: string[]): Scene[] =>
  names.map((name) => {
    const start = starts[name];
    if (start === undefined) throw new Error(`no start ${name}`);
    return scene(name, setting, start);
  });

/** The company has stored it and said whose it is; the first login proves it. */
const PARTNER_STARTS = partnerStarts(async () => undefined);

/** A worker dies as it comes to an effect of the kind; a minute later nobody can act on what it began. */
async function diesBefore(lab: AnyLab, applies: (effect: Effect) => boolean): Promise<void> {
  const { gate, held } = holding(applies);
  const version = lab.due();
  await Promise.race([held, lab.rotate({ version }, gate)]);
  lab.world.clock.advance(60_000);
}

const interrupted = (applies: (effect: Effect) => boolean, then = (_lab: LiveLab) => Promise.resolve()) => ({
  async prepare(lab: LiveLab) {
    await STARTS['due, AWSPREVIOUS past its grace']?.prepare(lab);
    await diesBefore(lab, applies);
    await then(lab);
  },
  job: sweeps,
});

/** A person takes a label away. */
function takenAway(lab: LiveLab, VersionStage: Label): void {
  const version = lab.holder(VersionStage);
  if (version === undefined) throw new Error(`${VersionStage} is nowhere`);
  const { secretName: SecretId } = lab.credential;
  lab.world.aws.UpdateSecretVersionStage({ SecretId, VersionStage, RemoveFromVersionId: version });
}

/** What was staged has lost its label. */
const UNLABELLED = interrupted(promotes, async (lab) => takenAway(lab, 'AWSPENDING'));

/** A tombstone stands, and does not look like one. */
const UNMARKED = interrupted(verb('issue'), async (lab) => {
  await diesBefore(lab, putsIntent);
  takenAway(lab, 'ROTATION_GIVEN_UP');
});

function sweeps(): Job<LiveLab> {
  return { run: recover };
}

const ended = (changes: Parameters<AnyLab['changeEntry']>[0], back: boolean): Start<LiveLab> => ({
  async prepare(lab) {
    await STARTS.settling?.prepare(lab);
    lab.changeEntry(changes);
    if (!back) return;
    await recover(lab);
    lab.reactivate();
  },
  job: sweeps,
});

/** In the short size the first scene that has a call goes through its faults: those come first in which there is something to lose. */
export const SCENES: readonly Scene[] = [
  ...of(STARTS, OUTBOUND, 'due', 'a new secret', 'an empty secret'),
  ...of(STARTS, OUTBOUND_BOTH, 'due, AWSPREVIOUS past its grace'),
  scene('an intent alone', OUTBOUND, interrupted(verb('issue'))),
  ...of(STARTS, KEY, 'due', 'settling', 'compromised within the grace of the one before', 'a new secret'),
  ...of(STARTS, EXTENDED, 'due'),
  ...of(STARTS, EXTENDED_ANEW, 'due, AWSPREVIOUS past its grace'),
  scene('an intent alone', KEY, interrupted(verb('issue'))),
  ...of(STARTS, AUTH, 'due', 'settling', 'compromised', 'a new secret'),
  ...of(STARTS, AUTH_SAME, 'due', 'due, AWSPREVIOUS past its grace'),
  ...of(STARTS, AUTH_REPLACED, 'due, AWSPREVIOUS past its grace'),
  ...of(ROLLBACKS, AUTH, 'within the grace of the one before', 'after the one before was revoked'),
  scene('an intent alone', AUTH, interrupted(verb('issue'))),
  scene('a value that nobody has promoted', AUTH, interrupted(promotes)),
  scene('a staged value without its label', AUTH, UNLABELLED),
  scene('a tombstone without its label', AUTH, UNMARKED),
  scene('retired, to be deleted', AUTH, ended({ retired: { deleteSecret: true } }, false)),
  scene('active again', AUTH, ended({ retired: { deleteSecret: true } }, true)),
  ...of(PARTNER_STARTS, PARTNER, 'due', 'settling', 'rolled back', 'compromised'),
  ...of(PARTNER_STARTS, PARTNER_AT_ONCE, 'due, AWSPREVIOUS past its grace', 'rolled back'),
];
