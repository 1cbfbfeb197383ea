import { holding, open, verb } from '../support/gates';
import type { LiveLab, LiveSetting } from '../support/live-lab';
import { partnerStarts } from '../support/partner-situations';
import { recover } from '../support/recovery';
import type { AnyLab } from '../support/rotation-lab';
import { ROLLBACKS, STARTS, type Start } from '../support/situations';

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
  job: (lab) => job(lab, open),
});

const of = (starts: Readonly<Record<string, Start<LiveLab>>>, setting: LiveSetting, ...names: string[]): Scene[] =>
  names.map((name) => {
    const start = starts[name];
    if (start === undefined) throw new Error(`no start ${name}`);
    return scene(name, setting, start);
  });

/** The company has stored it and said whose it is; the first login proves it. */
const PARTNER_STARTS = partnerStarts<LiveLab>(async () => undefined);

/** A worker has died as it came to the call that issues, or with a value staged. */
const interrupted = (applies: Parameters<typeof holding>[0]): Start<LiveLab> => ({
  async prepare(lab) {
    await STARTS['due, AWSPREVIOUS past its grace']?.prepare(lab);
    const { gate, held } = holding(applies);
    const version = lab.due();
    await Promise.race([held, lab.rotate({ version }, gate)]);
    lab.world.clock.advance(60_000);
  },
  job: (lab) => recoverAs(lab),
});

const recoverAs = async (lab: AnyLab) => {
  await recover(lab);
  return { outcome: 'done', reason: 'recovered' } as const;
};

const UNTIL_GRACE_ENDS = 'settling';

const ended = (changes: Parameters<AnyLab['changeEntry']>[0], back: boolean): Start<LiveLab> => ({
  async prepare(lab) {
    await STARTS[UNTIL_GRACE_ENDS]?.prepare(lab);
    lab.changeEntry(changes);
    if (!back) return;
    await recover(lab);
    lab.reactivate();
  },
  job: (lab) => recoverAs(lab),
});

const ISSUED = ['a new secret', 'due, AWSPREVIOUS past its grace', 'compromised', 'settling'];

export const SCENES: readonly Scene[] = [
  ...of(STARTS, OUTBOUND, 'a new secret', 'an empty secret', 'due, AWSPREVIOUS past its grace'),
  ...of(STARTS, OUTBOUND_BOTH, 'due'),
  scene('an intent alone', OUTBOUND, interrupted(verb('issue'))),
  ...of(STARTS, KEY, ...ISSUED),
  ...of(STARTS, EXTENDED, 'due, AWSPREVIOUS past its grace'),
  ...of(STARTS, EXTENDED_ANEW, 'due, AWSPREVIOUS past its grace'),
  scene('an intent alone', KEY, interrupted(verb('issue'))),
  ...of(STARTS, AUTH, ...ISSUED),
  ...of(STARTS, AUTH_SAME, 'due, AWSPREVIOUS past its grace'),
  ...of(STARTS, AUTH_REPLACED, 'due'),
  ...of(ROLLBACKS, AUTH, 'within the grace of the one before', 'after the one before was revoked'),
  scene('an intent alone', AUTH, interrupted(verb('issue'))),
  scene('retired, to be deleted', AUTH, ended({ retired: { deleteSecret: true } }, false)),
  scene('active again', AUTH, ended({ retired: { deleteSecret: true } }, true)),
  ...of(PARTNER_STARTS, PARTNER, 'due, AWSPREVIOUS past its grace', 'rolled back', 'compromised'),
  ...of(PARTNER_STARTS, PARTNER_AT_ONCE, 'due, AWSPREVIOUS past its grace'),
];
