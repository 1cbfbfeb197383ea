import { ProviderAuthError, ProviderUnavailableError } from '../../src/errors';
import { importValue } from '../../src/import';
import { rollback } from '../../src/rollback';
import type { Context, Outcome } from '../../src/rotation-context';
import { tag } from '../../src/rotation-tags';
import type { Policy } from '../../src/types';
import { whyNotUndone } from '../../src/undo';
import { mappingFingerprint } from '../../src/value-fit';
import { AwsError } from '../sandbox/secrets-manager/errors';
import { type Effect, faulty, type Gate, open, verb } from '../support/gates';
import { judged } from '../support/judged';
import { AUTH, at, DAY, FINICITY, grants, HOUR, OUTBOUND } from '../support/lab-steps';
import { AT_ONCE, partnerLab, WITH_GRACE } from '../support/partner-situations';
import { personAt } from '../support/person';
import { recover } from '../support/recovery';
import { type Lab, rotationLab } from '../support/rotation-lab';
import { ROLLBACKS, started, type VendorCase } from '../support/situations';
import { told } from '../support/told';

// Imports and rollbacks: when they are not begun, and in which words; and what becomes of what they bring.

const changes = (lab: Lab): string[] => lab.world.calls.filter((name) => !/^(Describe|Get|List)/.test(name));

async function inGrace(vendor: VendorCase = AUTH): Promise<Lab> {
  const start = ROLLBACKS['within the grace of the one before'];
  if (start === undefined) throw new Error('no start');
  return started(vendor, start);
}

const undoing = (lab: Lab, context: Context = lab.context()): Promise<Outcome> => {
  const version = lab.holder('AWSCURRENT') ?? '';
  lab.mayBeUndone.add(version);
  return rollback(context, { version });
};

/** The same entry with another policy. */
function ruled(lab: Lab, policy: Partial<Policy>, gate: Gate = open): Context {
  const context = lab.context(gate);
  return { ...context, credential: { ...context.credential, policy: { ...context.credential.policy, ...policy } } };
}

const tags = (lab: Lab, written: Readonly<Record<string, string>>): void => {
  for (const [key, value] of Object.entries(written)) personAt(lab).tags(key, value);
};
const unmapped = (lab: Lab) =>
  tag.unmapped(lab.holder('AWSCURRENT') ?? '', mappingFingerprint(lab.credential), 'the value lacks AuthSecret');

/** What neither is begun over: a person, or the entry, has the word. */
const NOT_BEGUN: [string, (lab: Lab) => void, object][] = [
  ['unmapped', (lab) => tags(lab, unmapped(lab)), { outcome: 'blocked', reason: 'the value lacks AuthSecret' }],
  [
    'retiring',
    (lab) => lab.changeEntry({ retired: { deleteSecret: false } }),
    { outcome: 'waits', reason: 'to-be-revoked' },
  ],
  [
    'retired',
    (lab) => {
      lab.changeEntry({ retired: { deleteSecret: false } });
      const [current, previous] = [lab.holder('AWSCURRENT') ?? '', lab.holder('AWSPREVIOUS') ?? ''];
      const retired = tag.retired({ version: current, at: lab.world.clock.now(), unused: false });
      tags(lab, { ...retired, ...tag.revoked(previous, current) });
    },
    { outcome: 'done', reason: 'retired' },
  ],
];

describe('not begun', () => {
  test.each(NOT_BEGUN)('where the credential is %s', async (_what, does, expected) => {
    const lab = await inGrace();
    does(lab);
    lab.world.calls.length = 0;
    expect(await undoing(lab)).toEqual(expected);
    const imported = { answer: lab.vendor.byHand(), expiresAt: undefined };
    expect(await importValue(lab.context(), imported)).toEqual(expected);
    expect(changes(lab)).toEqual([]);
  });

  test('before a suspension ends, to the moment', async () => {
    for (const ms of [1, 0]) {
      const lab = await inGrace();
      lab.world.clock.advance(2 * DAY);
      const end = lab.world.clock.now() + HOUR;
      const context = ruled(lab, { suspendUntil: end });
      lab.world.clock.advance(HOUR - ms);
      const clock = { ...context.clock, now: () => end - ms };
      const outcome = await undoing(lab, { ...context, clock });
      const answer = lab.vendor.byHand();
      if (ms === 1) {
        expect(outcome).toEqual({ outcome: 'refused', reason: 'suspended', retryAt: end });
        const imported = await importValue({ ...context, clock }, { answer, expiresAt: undefined });
        expect(imported).toEqual({ outcome: 'waits', reason: 'suspended', retryAt: end });
      } else {
        expect(outcome).toMatchObject({ outcome: 'promoted' });
        lab.world.clock.advance(2 * DAY);
        expect(await importValue(context, { answer, expiresAt: undefined })).toMatchObject({ outcome: 'promoted' });
      }
    }
  });

  test('with sixty versions in a day', async () => {
    const lab = await inGrace();
    lab.world.clock.advance(2 * DAY);
    lab.due();
    await lab.rotate(
      { wish: 'normal' },
      faulty((effect) => (verb('issue')(effect) ? 'refused' : undefined)),
    );
    for (let n = 0; n < 60; n += 1) await lab.world.store().takeTry(lab.credential, `x${n}`, 1);
    const from = lab.world.clock.now();
    for (const outcome of [await lab.import(lab.vendor.byHand()), await undoing(lab)]) {
      expect(outcome).toMatchObject({ outcome: 'waits', reason: 'sixty-versions-in-a-day' });
      expect(Math.round(((outcome.retryAt ?? 0) - from) / HOUR)).toBe(1);
    }
  });

  test('while the account is paused', async () => {
    const lab = await inGrace();
    const until = lab.world.clock.now() + HOUR;
    const gate = { enter: async () => ({ until }), pausedUntil: () => until, leave: async () => undefined };
    expect(await undoing(lab, { ...lab.context(), gate })).toEqual({
      outcome: 'waits',
      reason: 'account-paused',
      retryAt: until,
    });
  });
});

const noting =
  (asked: string[]): Gate =>
  async (effect, perform) => {
    if (effect.at === 'vendor') asked.push(effect.name);
    return perform();
  };

describe('a rollback', () => {
  test('creates no secret', async () => {
    const lab = await at(AUTH, 'a new secret');
    const request = { version: 'any' };
    expect(await rollback(lab.context(), request)).toEqual({ outcome: 'done', reason: 'secret-missing' });
    expect(lab.world.aws.secrets()).toEqual([]);
  });

  test('of a partner secret tells the vendor the value before, and waits for nothing', async () => {
    const lab = await partnerLab(AT_ONCE, 'rolled back');
    const before = lab.grantOn('AWSPREVIOUS');
    const from = lab.world.clock.now();
    const asked: string[] = [];
    const gate: Gate = async (effect, perform) => {
      if (effect.at === 'vendor') asked.push(effect.name);
      return perform();
    };
    expect(await undoing(lab, lab.context(gate))).toMatchObject({ outcome: 'promoted', reason: 'verified' });
    expect(asked).toEqual(['change', 'login']);
    expect(lab.grantOn('AWSCURRENT')).toBe(before);
    expect(lab.world.clock.now() - from).toBeLessThan(10_000);
  });

  test('of a partner secret to a value without the secret is refused', async () => {
    const lab = await partnerLab(AT_ONCE, 'rolled back');
    lab.changeEntry({ value: { fields: { other: 'partnerSecret' }, constants: {} } });
    expect(await undoing(lab)).toEqual({ outcome: 'refused', reason: 'the-value-before-it-cannot-be-read' });
  });

  test('of a partner secret waits for the grace of the value before', async () => {
    const lab = await partnerLab(WITH_GRACE, 'rolled back');
    lab.due();
    await lab.rotate();
    const outcome = await undoing(lab);
    expect(outcome).toMatchObject({ outcome: 'refused', reason: 'previous-in-grace' });
    expect((outcome.retryAt ?? 0) - lab.world.clock.now()).toBeGreaterThan(HOUR);
  });

  test('of what a person made needs no pause, and leaves no grant to revoke', async () => {
    const lab = rotationLab({ kind: 'finout-api-token', behaviour: 'overlap' });
    for (let n = 0; n < 2; n += 1) {
      await lab.import(lab.vendor.byHand());
      lab.world.clock.advance(HOUR);
    }
    const from = lab.world.clock.now();
    const asked: string[] = [];
    expect(await undoing(lab, lab.context(noting(asked)))).toMatchObject({ outcome: 'promoted', reason: 'verified' });
    expect(asked).toEqual(['verify']);
    expect(lab.world.clock.now() - from).toBeLessThan(5_000);
    expect(lab.grantOn('AWSCURRENT')).toBe('grant-1');
  });

  test('to a value that holds no grant, and was settled, is refused; what only a person can revoke is not', async () => {
    for (const unrevoked of [false, true]) {
      const { lab, theirs } = await overAValueWithoutGrant();
      lab.world.clock.advance(2 * DAY);
      await recover(lab);
      if (!unrevoked) personAt(lab).removesTags(`rotation:unrevoked:${theirs}`);
      const outcome = await undoing(lab);
      if (unrevoked) expect(outcome).toMatchObject({ outcome: 'promoted' });
      else expect(outcome).toEqual({ outcome: 'refused', reason: 'the-value-before-it-was-revoked' });
    }
  });

  test('to a value that holds no grant, and is in its grace, is a copy as it is', async () => {
    const { lab } = await overAValueWithoutGrant();
    const asked: string[] = [];
    expect(await undoing(lab, lab.context(noting(asked)))).toMatchObject({ outcome: 'promoted' });
    expect(asked).toEqual([]);
    const content = await lab.world.store().read(lab.credential, lab.holder('AWSCURRENT') ?? '');
    expect(content?.is === 'value' && JSON.parse(content.value.reveal())).toEqual({ AuthSecret: 'another' });
  });

  test('to a value that keeps its grant and no secret is a copy like any other, where no secret is told', async () => {
    const lab = rotationLab(AUTH);
    lab.changeEntry({ value: { fields: { id: 'PermissionId' }, constants: {} } });
    for (let n = 0; n < 2; n += 1) {
      lab.due();
      await lab.rotate({ wish: 'normal' });
      lab.world.clock.advance(2 * HOUR);
    }
    expect(await undoing(lab)).toMatchObject({ outcome: 'promoted' });
    expect(lab.grantOn('AWSCURRENT')).toBe('grant-1');
  });

  test('to what is a tombstone by now is refused', async () => {
    const lab = await inGrace();
    const blind: Gate = async (effect, perform) => {
      const id = String(Reflect.get(Object(effect.input), 'VersionId'));
      if (effect.name === 'GetSecretValue' && id === lab.holder('AWSPREVIOUS'))
        return {
          SecretString: '{"rotation:record":"tombstone","because":"refused","base":"x","failures":0,"undone":0,"at":0}',
        } as never;
      return perform();
    };
    expect(await undoing(lab, lab.context(blind))).toEqual({ outcome: 'refused', reason: 'no-value-before-it' });
  });

  test('to what cannot be read yet is refused', async () => {
    const lab = await inGrace();
    const notYet: Gate = async ({ name }, perform) => {
      if (name === 'GetSecretValue') throw new AwsError('ResourceNotFoundException', 'not yet');
      return perform();
    };
    expect(await undoing(lab, lab.context(notYet))).toEqual({ outcome: 'refused', reason: 'no-value-before-it' });
  });

  test('whose copy is refused by the vendor is said to be given up, and told', async () => {
    const start = ROLLBACKS['after the one before was revoked'];
    if (start === undefined) throw new Error('no start');
    const lab = await started({ ...AUTH, behaviour: 'replace' }, start);
    const lines = await told(lab.context(), (context) => undoing(lab, context));
    expect(lines.filter((line) => /reinstate|give-up/.test(line))).toEqual([
      'info step=reinstate rotation=a-rotation grant=a-fingerprint reason=refused',
      'alarm attempt-failed step=give-up call=issue rotation=a-rotation reason=value-refused failures=1',
    ]);
  });

  test('that is overtaken by a compromise is superseded, which counts as no failure', async () => {
    const lab = await inGrace();
    const seal: Gate = async (effect, perform) => {
      if (effect.name === 'PutSecretValue' && lab.holder('AWSPENDING')?.startsWith('intent-'))
        tags(lab, tag.compromised(lab.holder('AWSPREVIOUS') ?? '', lab.world.clock.now()));
      return perform();
    };
    const lines = await told(lab.context(seal), (context) => undoing(lab, context));
    expect(lines).toContain('info step=give-up call=issue rotation=a-rotation reason=superseded failures=0');
    expect(lines.filter((line) => line.includes('reinstate'))).toEqual([]);
  });

  test('says why it cannot be, kind by kind', () => {
    expect(whyNotUndone({ undo: 'none' }, undefined, 0)).toBe('the-kind-cannot-roll-back');
    expect(whyNotUndone({ undo: 'enable' }, undefined, 0)).toBe('no-value-yet');
  });

  async function overAValueWithoutGrant() {
    const lab = await at(AUTH, 'a new secret');
    const SecretId = lab.credential.secretName;
    const theirs = 'a-token-of-somebody-and-thirty-two-long';
    const SecretString = JSON.stringify({ AuthSecret: 'another' });
    lab.world.aws.CreateSecret({ Name: SecretId, ClientRequestToken: theirs, SecretString });
    lab.changeEntry({ adopt: { grants: {}, drops: [] } });
    await recover(lab);
    lab.world.clock.advance(2 * DAY);
    lab.due();
    await lab.rotate({ wish: 'normal' });
    return { lab, theirs };
  }
});

describe('an import', () => {
  const bringing = (lab: Lab, context: Context) => {
    lab.due();
    return importValue(context, { answer: lab.vendor.byHand(), expiresAt: undefined });
  };
  const throwing =
    (error: Error, applies: (effect: Effect) => boolean): Gate =>
    async (effect, perform) => {
      if (applies(effect)) throw error;
      return perform();
    };

  test('whose value is staged, and cannot be asked about, is left to the worker, and told', async () => {
    const lab = await at(OUTBOUND, 'on demand');
    const gate = throwing(new ProviderUnavailableError('connection refused'), verb('verify'));
    const lines = await told(lab.context(gate), async (context) =>
      expect(await bringing(lab, context)).toEqual({ outcome: 'waits', reason: 'staged' }),
    );
    expect(lines.at(-1)).toBe('warn step=import error=provider-unavailable');
  });

  test.each([
    ['what will not pass', new ProviderAuthError('the app key is wrong')],
    ['a bug', Object.assign(new Error('a bug'), { retryable: true })],
  ])('is not left to the worker because of %s', async (_what, error) => {
    const lab = await at(OUTBOUND, 'on demand');
    const gate = throwing(error, verb('verify'));
    await expect(bringing(lab, lab.context(gate))).rejects.toThrow(error.message);
  });

  test('that has not begun yet fails as everything does', async () => {
    const lab = await at(OUTBOUND, 'on demand');
    const busy = Object.assign(new Error('busy'), { name: 'ThrottlingException', $fault: 'client' });
    const gate = throwing(busy, ({ name }) => name === 'DescribeSecret');
    await expect(bringing(lab, lab.context(gate))).rejects.toMatchObject({ failure: 'throttled' });
  });

  test('of the grant before is refused, unless it is current as well, or only a person could revoke it', async () => {
    const lab = await inGrace();
    const answerOf = (grant: string | undefined) => ({ PermissionId: grant, AuthSecret: `secret of ${grant}` });
    const before = { answer: answerOf(lab.grantOn('AWSPREVIOUS')), expiresAt: undefined };
    expect(await importValue(lab.context(), before)).toEqual({
      outcome: 'refused',
      reason: 'the-value-before-holds-it',
    });
    const previous = lab.holder('AWSPREVIOUS') ?? '';
    tags(lab, tag.revoked(previous));
    expect(await importValue(lab.context(), before)).toMatchObject({ outcome: 'refused' });
    tags(lab, tag.unrevoked(previous, 'x'));
    lab.due();
    expect(await importValue(lab.context(), before)).toMatchObject({ outcome: 'promoted' });
    const current = { answer: answerOf(lab.grantOn('AWSCURRENT')), expiresAt: undefined };
    lab.world.clock.advance(2 * DAY);
    await recover(lab);
    lab.due();
    expect(await importValue(lab.context(), current)).toMatchObject({ outcome: 'promoted' });
  });

  test('of the token before is taken, where only a person can delete one', async () => {
    const lab = rotationLab({ kind: 'finout-api-token', behaviour: 'overlap' });
    const first = lab.vendor.byHand();
    for (const answer of [first, lab.vendor.byHand(), first]) {
      expect(await lab.import(answer)).toMatchObject({ outcome: 'promoted' });
      lab.world.clock.advance(HOUR);
    }
    expect(lab.grantOn('AWSCURRENT')).toBe('grant-1');
  });

  test('of the first value, and of one without a grant of its own, is compared with nothing', async () => {
    const lab = await at(AUTH, 'a new secret');
    lab.world.calls.length = 0;
    await bringing(lab, lab.context());
    expect(lab.world.calls).not.toContain('GetSecretValue');
    const outbound = await at(OUTBOUND, 'settling');
    await outbound.settle();
    outbound.world.calls.length = 0;
    await bringing(outbound, outbound.context());
    expect(outbound.world.calls).not.toContain('GetSecretValue');
    await judged(outbound, 'brought');
    expect(grants(outbound)).toHaveLength(1);
  });

  test('goes on after what others had left', async () => {
    const lab = await at(FINICITY, 'due');
    expect(await bringing(lab, lab.context())).toMatchObject({ outcome: 'promoted', reason: 'unverified' });
    await judged(lab, 'brought');
  });
});
