import { putPendingBack } from '../../src/detached';
import { ProviderUnavailableError } from '../../src/errors';
import { isHeld } from '../../src/grants';
import { importValue } from '../../src/import';
import { issueAnother } from '../../src/issuing';
import { readLastAttempt } from '../../src/last-attempt';
import type { Provider, Revocation } from '../../src/provider';
import { dropSuperseded, replaceBlocked, resumeStaged } from '../../src/recovery';
import { rotate } from '../../src/rotation';
import { AGAIN, type Context } from '../../src/rotation-context';
import type { HistoricVersion, Observation } from '../../src/secret-store';
import { whenSettled } from '../../src/unfinished';
import { valueId } from '../../src/version-ids';
import { waitsForQuota } from '../../src/version-quota';
import { AwsError } from '../sandbox/secrets-manager/errors';
import { failed } from '../support/decisions';
import { faulty, type Gate, holding, onNth, open, promotes, verb } from '../support/gates';
import { judged } from '../support/judged';
import { AUTH, at, DAY, diesBefore, FINICITY, grants, HOUR, MINUTE, OUTBOUND } from '../support/lab-steps';
import { parsedValue } from '../support/observations';
import { AT_ONCE, partnerLab } from '../support/partner-situations';
import { personAt } from '../support/person';
import { recover } from '../support/recovery';
import { type Lab, rotationLab } from '../support/rotation-lab';
import type { VendorCase } from '../support/situations';
import { told } from '../support/told';

// What a worker finds that another has left, or has done meanwhile; which call it makes; when an import gives way.

const EXTENDED: VendorCase = { ...FINICITY, policy: { renewal: 'extend' } };

const rotating = (lab: Lab, gate: Gate = open) => rotate(lab.context(gate), { version: lab.due(), wish: 'none' });
const seenIn = async (lab: Lab): Promise<Observation> => {
  const seen = await lab.world.store().observe(lab.credential);
  if (seen === undefined) throw new Error('no secret');
  return seen;
};
const doing = (context: Context, verbs: Partial<Provider>): Context => ({
  ...context,
  provider: { ...context.provider, ...verbs },
});
const answers = (revocation: Revocation) => async () => revocation;
const noting =
  (asked: string[], inner: Gate = open): Gate =>
  (effect, perform) => {
    if (effect.at === 'vendor') asked.push(effect.name);
    return inner(effect, perform);
  };
const tombstoneIn = async (lab: Lab) => lab.world.store().read(lab.credential, lab.holder('AWSPENDING') ?? '');

/** AWS names a version that it does not find yet, as may be right after a put. */
const notYet: Gate = async ({ name }, perform) => {
  if (name === 'GetSecretValue') throw new AwsError('ResourceNotFoundException', 'not yet');
  return perform();
};

describe('a staged value', () => {
  test('that cannot be read yet waits', async () => {
    const lab = await at(AUTH, 'due');
    await diesBefore(lab, promotes);
    expect(await rotating(lab, notYet)).toEqual({ outcome: 'waits', reason: 'staged-value-not-readable-yet' });
    await judged(lab, 'read later');
  });

  test.each([
    ['the first', 'a new secret'],
    ['one after others that were settled', 'due, AWSPREVIOUS past its grace'],
  ])('costs its own read, that of its intent, and no look at the history: %s', async (_what, start) => {
    const lab = await at(AUTH, start);
    await lab.settle();
    await diesBefore(lab, promotes);
    lab.world.calls.length = 0;
    expect(await rotating(lab)).toMatchObject({ outcome: 'promoted' });
    expect(lab.world.calls).not.toContain('ListSecretVersionIds');
    expect(lab.world.calls.filter((name) => name === 'GetSecretValue')).toHaveLength(2);
  });

  test('whose intent is gone counts as issued at the first attempt: refused, it is suspected', async () => {
    const lab = await at(OUTBOUND, 'due');
    await diesBefore(lab, promotes);
    const gone: Gate = async (effect, perform) => {
      if (String(Reflect.get(Object(effect.input), 'VersionId')).startsWith('intent-'))
        throw new AwsError('ResourceNotFoundException', 'gone');
      return perform();
    };
    const staged = parsedValue(lab.holder('AWSPENDING') ?? '');
    const context = doing(lab.context(gone), { verify: async () => 'refused' });
    expect(await resumeStaged(context, await seenIn(lab), staged)).toBe(AGAIN);
    expect(await tombstoneIn(lab)).toMatchObject({ because: 'value-refused', failures: 1, undone: 0 });
    expect(lab.tags().suspects).toMatchObject([{ rotationId: staged.rotationId }]);
  });

  test('that was settled before is dropped: the history is asked where the tag names something younger', async () => {
    const lab = await at(AUTH, 'due');
    await diesBefore(lab, promotes);
    const staged = parsedValue(lab.holder('AWSPENDING') ?? '');
    personAt(lab).tags('rotation:revoked', `${lab.holder('AWSCURRENT')} ${staged.id}`);
    expect(await resumeStaged(lab.context(), await seenIn(lab), staged)).toBe(AGAIN);
    expect(await tombstoneIn(lab)).toMatchObject({ because: 'superseded', failures: 0, undone: 0 });
  });

  test('of an importing person is left to the owner of a change that is under way', async () => {
    const lab = await partnerLab(AT_ONCE, 'due');
    const { gate, held } = holding(verb('change'));
    await Promise.race([held, rotating(lab, gate)]);
    const staged = lab.holder('AWSPENDING');
    const begin = async () => ({ outcome: 'done', reason: 'begun' }) as const;
    const goal = { wish: 'none', creates: true, imports: true, begin } as const;
    expect(await whenSettled(lab.context(), goal)).toMatchObject({ outcome: 'waits', reason: 'owner-may-act' });
    expect(lab.holder('AWSPENDING')).toBe(staged);
  });
});

describe('AWSPENDING that is nowhere', () => {
  test('stays so while the secret is blocked', async () => {
    const lab = await at(AUTH, 'due');
    personAt(lab).takesAway('AWSPENDING');
    personAt(lab).tags('rotation:blocked', 'somebody looks');
    const before = lab.changes;
    expect(await rotating(lab)).toEqual({ outcome: 'blocked', reason: 'somebody looks' });
    expect([lab.changes, lab.holder('AWSPENDING')]).toEqual([before, undefined]);
  });

  async function givenUp(lab: Lab): Promise<void> {
    await lab.rotate({ version: lab.due() }, faulty(onNth(1, 'not-done', verb('issue')))).catch(() => undefined);
    if ((await tombstoneIn(lab))?.is !== 'tombstone') throw new Error('not given up');
  }

  async function madeCurrentAfterItWasSealed(lab: Lab): Promise<void> {
    await diesBefore(lab, promotes);
    const staged = lab.holder('AWSPENDING') ?? '';
    personAt(lab).putsValue();
    await recover(lab);
    personAt(lab).moves('AWSCURRENT', staged);
  }

  test.each<[string, (lab: Lab) => Promise<void>]>([
    ['AWSCURRENT where nothing followed it', async () => undefined],
    ['the intent of an attempt that has no value', (lab) => diesBefore(lab, verb('issue'))],
    ['the value that was staged', (lab) => diesBefore(lab, promotes)],
    ['the tombstone of an attempt', givenUp],
    [
      'the last of several attempts',
      async (lab) => {
        await givenUp(lab);
        lab.world.clock.advance(DAY);
        await diesBefore(lab, promotes);
      },
    ],
    ['the tombstone that seals a value, which a person made current', madeCurrentAfterItWasSealed],
  ])('is put back on %s', async (_where, happens) => {
    const lab = await at(AUTH, 'due');
    await happens(lab);
    const holder = lab.holder('AWSPENDING');
    personAt(lab).takesAway('AWSPENDING');
    expect(await putPendingBack(lab.context(), await seenIn(lab))).toBe(AGAIN);
    expect(lab.holder('AWSPENDING')).toBe(holder);
  });

  test('is told of by the worker that puts it back, and by no other', async () => {
    const lab = await at(AUTH, 'due');
    personAt(lab).takesAway('AWSPENDING');
    const seen = await seenIn(lab);
    const puts = (context: Context) => putPendingBack(context, seen);
    expect(await told(lab.context(), puts)).toEqual(['info step=put-back version=a-value']);
    personAt(lab).moves('AWSPENDING', personAt(lab).putsValue());
    expect(await told(lab.context(), puts)).toEqual([]);
  });

  test('is looked for in as many versions as Secrets Manager keeps, and no more', async () => {
    const lab = await at(AUTH, 'due');
    personAt(lab).takesAway('AWSPENDING');
    const context = lab.context();
    let reads = 0;
    const read = async () => {
      reads += 1;
      return failed(0);
    };
    const store = { ...context.store, read, movePending: async () => false };
    await putPendingBack({ ...context, store }, await seenIn(lab));
    expect(reads).toBe(100);
  });
});

describe('a superseded value', () => {
  async function superseded(vendor: VendorCase = AUTH): Promise<{ lab: Lab; staged: string }> {
    const lab = await at(vendor, 'due');
    await diesBefore(lab, promotes);
    const staged = lab.holder('AWSPENDING') ?? '';
    personAt(lab).putsValue();
    return { lab, staged };
  }
  const dropping = async (lab: Lab, staged: string, context: Context = lab.context()) =>
    dropSuperseded(context, await seenIn(lab), parsedValue(staged));

  test('is revoked and sealed, and counts as no failure', async () => {
    const { lab, staged } = await superseded();
    expect(await dropping(lab, staged)).toBe(AGAIN);
    expect(grants(lab)).not.toContain('grant-2');
    expect(await tombstoneIn(lab)).toMatchObject({
      because: 'superseded',
      base: lab.holder('AWSCURRENT'),
      failures: 0,
      undone: 0,
    });
  });

  test.each([
    ['not revoked', { outcome: 'not-revoked', reason: '400 {}' }, '400 {}'],
    ['hit AWSCURRENT', { outcome: 'hit-current', reinstated: true }, 'the revocation hit AWSCURRENT'],
  ] as const)('that is %s is for a person, and sealed all the same', async (_what, answer, reason) => {
    const { lab, staged } = await superseded();
    const next: unknown[] = [];
    const lines = await told(doing(lab.context(), { revoke: answers(answer) }), async (context) =>
      next.push(await dropping(lab, staged, context)),
    );
    expect(next).toEqual([AGAIN]);
    expect(lines).toContain(`alarm grant-unrevoked version=a-value reason=${reason}`);
    expect(lab.tags().unrevoked).toEqual([staged]);
    expect(lab.holder('ROTATION_GIVEN_UP')).toBe(lab.holder('AWSPENDING'));
  });

  test('that cannot be read yet may hold any grant: the job is repeated', async () => {
    const { lab, staged } = await superseded();
    await expect(dropping(lab, staged, lab.context(notYet))).rejects.toMatchObject({ failure: 'unavailable' });
    expect(lab.holder('AWSPENDING')).toBe(staged);
  });

  test.each(['no-answer', 'too-late'])('of which nothing is known is not sealed: %s', async (reason) => {
    const { lab, staged } = await superseded();
    const lost = faulty(onNth(1, 'lost-before', verb('revoke')));
    const late: Gate = async (effect, perform) => {
      if (effect.name === 'GetSecretValue') lab.world.clock.advance(6_000);
      return perform();
    };
    const outcome = await dropping(lab, staged, lab.context(reason === 'no-answer' ? lost : late));
    expect(outcome).toMatchObject({ outcome: 'waits', version: staged, reason });
    expect(lab.holder('AWSPENDING')).toBe(staged);
    await judged(lab, reason);
  });

  test('waits for a paused account', async () => {
    const { lab, staged } = await superseded();
    const until = lab.world.clock.now() + HOUR;
    const gate = { enter: async () => ({ until }), pausedUntil: () => until, leave: async () => undefined };
    expect(await dropping(lab, staged, { ...lab.context(), gate })).toMatchObject({ reason: 'account-paused' });
    expect(grants(lab)).toContain('grant-2');
  });

  test('of a kind that replaces in place is listed first, whoever else is', async () => {
    const { lab, staged } = await superseded(OUTBOUND);
    personAt(lab).tags(`rotation:suspected-orphan:${'0'.repeat(32)}`, 'never');
    const asked: string[] = [];
    expect(await dropping(lab, staged, lab.context(noting(asked)))).toBe(AGAIN);
    expect(lab.tags().suspects.map(({ rotationId }) => rotationId)).toContain(parsedValue(staged).rotationId);
    expect(lab.holder('AWSPENDING')).toBe(staged);
    expect(await dropping(lab, staged, lab.context(noting(asked)))).toBe(AGAIN);
    expect(lab.holder('AWSPENDING')).not.toBe(staged);
    expect([asked, lab.tags().unrevoked]).toEqual([[], []]);
  });

  test('that does not tell its grant is for a person', async () => {
    const { lab, staged } = await superseded();
    lab.changeEntry({ value: { fields: { id: 'PermissionId', secret: 'AuthSecret' }, constants: {} } });
    const lines = await told(lab.context(), (context) => dropping(lab, staged, context));
    expect(lines).toContain('alarm grant-unrevoked version=a-value reason=no-grant-id-in-the-value');
    expect(lab.tags().unrevoked).toEqual([staged]);
  });

  test('that is blocked keeps its block until it is sealed', async () => {
    const lab = await at(AUTH, 'due');
    await diesBefore(lab, promotes);
    personAt(lab).tags('rotation:blocked', 'valid-but-not-permitted');
    const staged = parsedValue(lab.holder('AWSPENDING') ?? '');
    const lost = faulty(onNth(1, 'lost-before', verb('revoke')));
    expect(await replaceBlocked(lab.context(lost), await seenIn(lab), staged)).toMatchObject({ reason: 'no-answer' });
    expect(lab.tags().blocked).toBe('valid-but-not-permitted');
    expect(await replaceBlocked(lab.context(), await seenIn(lab), staged)).toBe(AGAIN);
    expect(lab.tags().blocked).toBeUndefined();
  });

  test('under whose id a tombstone stands is only marked', async () => {
    const { lab, staged } = await superseded();
    const blind: Gate = async (effect, perform) =>
      effect.name === 'GetSecretValue'
        ? ({
            SecretString:
              '{"rotation:record":"tombstone","because":"refused","base":"x","failures":0,"undone":0,"at":0}',
          } as never)
        : perform();
    const asked: string[] = [];
    expect(await dropping(lab, staged, lab.context(noting(asked, blind)))).toBe(AGAIN);
    expect(lab.holder('ROTATION_GIVEN_UP')).toBe(staged);
    expect(asked).toEqual([]);
  });

  test('whose secret is blocked is left alone', async () => {
    const { lab, staged } = await superseded();
    await recoverHandMade(lab);
    personAt(lab).tags('rotation:blocked', 'somebody looks');
    personAt(lab).moves('AWSPENDING', staged);
    personAt(lab).takesAway('ROTATION_GIVEN_UP');
    const before = lab.changes;
    expect(await rotating(lab)).toEqual({ outcome: 'blocked', reason: 'somebody looks' });
    expect(lab.changes).toBe(before);
  });

  const recoverHandMade = (lab: Lab): Promise<void> => recover(lab);
});

describe('which call is made', () => {
  const asking = async (lab: Lab, context: Context = lab.context()): Promise<string[]> => {
    const asked: string[] = [];
    const { provider } = context;
    const { prepare, prepareRenewal } = provider;
    const noted = {
      ...provider,
      prepare: (...given: Parameters<typeof prepare>) => {
        asked.push('issue');
        return prepare(...given);
      },
      ...(prepareRenewal === undefined
        ? {}
        : {
            prepareRenewal: (...given: Parameters<typeof prepareRenewal>) => {
              asked.push(`renew ${given[1]}`);
              return prepareRenewal(...given);
            },
          }),
    };
    await rotate({ ...context, provider: noted }, { version: lab.due(), wish: 'normal' });
    return asked;
  };

  test('a receipt is extended while it lives, to the moment when it ends', async () => {
    for (const ms of [1, 0]) {
      const lab = await at(EXTENDED, 'due');
      const expiresAt = parsedValue(lab.holder('AWSCURRENT') ?? '').expiresAt ?? 0;
      const context = lab.context();
      const clock = { ...context.clock, now: () => expiresAt - ms };
      expect(await asking(lab, { ...context, clock })).toEqual([ms === 1 ? 'renew grant-1' : 'issue']);
    }
  });

  test('a vendor that extends nothing is asked for another', async () => {
    const lab = await at(EXTENDED, 'due');
    const { provider, ...context } = lab.context();
    const { prepareRenewal: _, ...rest } = provider;
    expect(await asking(lab, { ...context, provider: rest })).toEqual(['issue']);
  });

  test('a receipt that had ended is not extended, unless that was another', async () => {
    for (const [base, call] of [
      ['another', 'renew'],
      [undefined, 'issue'],
    ] as const) {
      const lab = await at(EXTENDED, 'due');
      const intents: unknown[] = [];
      lab.world.onCall = ({ name, input }) => {
        if (name === 'PutSecretValue')
          intents.push(JSON.parse(String(Reflect.get(Object(input), 'SecretString'))).call);
      };
      const last = failed(0, 0, { because: 'grant-ended', base: base ?? lab.holder('AWSCURRENT') ?? '' });
      await issueAnother(lab.context(), await seenIn(lab), { failures: 0, undone: 0 }, last);
      expect(intents[0]).toBe(call);
    }
  });

  test('what was retired is not extended, nor what is compromised', async () => {
    const lab = await at(EXTENDED, 'due');
    const current = lab.holder('AWSCURRENT') ?? '';
    personAt(lab).tags('rotation:retired', `${current} 2026-11-21T12:00:00.000Z`);
    expect(await asking(lab)).toEqual(['issue']);
    const other = await at(EXTENDED, 'due');
    personAt(other).tags(`rotation:compromised:${other.holder('AWSCURRENT')}`, 'now');
    expect(await asking(other)).toEqual(['issue']);
  });
});

describe('AWSCURRENT, which a lost call may have killed', () => {
  async function suspected(dead: boolean): Promise<{ lab: Lab; asked: string[] }> {
    const lab = await at(OUTBOUND, 'on demand');
    personAt(lab).tags(`rotation:suspected-orphan:${'0'.repeat(32)}`, 'never');
    if (dead) lab.vendor.ends('grant-1');
    return { lab, asked: [] };
  }

  test('is tried once a run, and left as it is where it works', async () => {
    const { lab, asked } = await suspected(false);
    const lines = await told(lab.context(noting(asked)), (context) =>
      rotate(context, { version: lab.holder('AWSCURRENT') ?? '', wish: 'none' }),
    );
    expect([asked, lines]).toEqual([['verify'], []]);
  });

  test('is replaced where it is refused, whatever version the job names, and is tried once', async () => {
    const { lab, asked } = await suspected(true);
    lab.due();
    await lab.rotate({ version: 'another' }, noting(asked));
    expect(lab.grantOn('AWSCURRENT')).toBe('grant-2');
    expect(asked).toEqual(['verify', 'issue', 'verify']);
  });

  test('is not tried twice while the way is cleared', async () => {
    const lab = await at({ ...OUTBOUND, behaviour: 'overlap' }, 'due, AWSPREVIOUS past its grace');
    personAt(lab).tags(`rotation:suspected-orphan:${'0'.repeat(32)}`, 'never');
    const tried: unknown[] = [];
    const gate: Gate = async (effect, perform) => {
      if (verb('verify')(effect)) tried.push(Reflect.get(Object(effect.input), 'secret').reveal());
      return perform();
    };
    await rotating(lab, gate);
    expect(tried.filter((secret) => secret === 'grant-2')).toHaveLength(1);
  });

  test('is not tried while the credential is blocked, or its account paused', async () => {
    const { lab, asked } = await suspected(true);
    const until = lab.world.clock.now() + HOUR;
    const gate = { enter: async () => ({ until }), pausedUntil: () => until, leave: async () => undefined };
    const job = { version: lab.due(), wish: 'none' } as const;
    expect(await rotate({ ...lab.context(noting(asked)), gate }, job)).toMatchObject({ reason: 'account-paused' });
    personAt(lab).tags('rotation:blocked', 'somebody looks');
    expect(await rotate(lab.context(noting(asked)), job)).toEqual({ outcome: 'blocked', reason: 'somebody looks' });
    expect(asked).toEqual([]);
  });

  test('is not tried where its entry cannot read it', async () => {
    const { lab, asked } = await suspected(false);
    lab.changeEntry({ value: { fields: { user: 'client_id', password: 'client_secret' }, constants: {} } });
    const job = { version: lab.due(), wish: 'none' } as const;
    expect(await rotate(lab.context(noting(asked)), job)).toMatchObject({ outcome: 'done', reason: 'young' });
    expect(asked).toEqual([]);
  });

  test('a failure to try it is no refusal', async () => {
    const { lab } = await suspected(false);
    const gate = faulty(onNth(1, 'not-done', verb('verify')));
    await expect(lab.rotate({}, gate)).rejects.toThrow(ProviderUnavailableError);
  });
});

test('a value that somebody marked as given up is no last attempt', async () => {
  const lab = await at(AUTH, 'due');
  const seen = await seenIn(lab);
  const marked = { ...seen, givenUp: seen.pending?.id };
  expect(await readLastAttempt(lab.world.store(), lab.credential, marked)).toBeUndefined();
  expect(await readLastAttempt(lab.world.store(notYet), lab.credential, marked)).toBeUndefined();
});

describe('an import', () => {
  test('is not begun in a secret that may not be created', async () => {
    const lab = rotationLab({ kind: 'finout-api-token', behaviour: 'overlap', policy: { create: false } });
    expect(await lab.import(lab.vendor.byHand())).toEqual({
      outcome: 'blocked',
      reason: 'secret-missing-and-may-not-be-created',
    });
    expect(lab.world.aws.secrets()).toEqual([]);
  });

  test('takes back no word that nobody gave', async () => {
    const lab = rotationLab({ kind: 'finout-api-token', behaviour: 'overlap' });
    expect(await lab.import(lab.vendor.byHand())).toMatchObject({ outcome: 'promoted' });
    expect(lab.world.calls).not.toContain('UntagResource');
  });

  test('of the grant that both versions hold is no step back', async () => {
    const lab = await at(EXTENDED, 'settling');
    await lab.settle();
    const answer = { receipt: { receiptId: 'grant-1', version: '2' }, proof: {} };
    expect(await lab.import(answer)).toMatchObject({ outcome: 'promoted' });
  });

  test('begins as a suspension ends', async () => {
    const lab = await at(OUTBOUND, 'due');
    const context = lab.context();
    const suspendUntil = lab.world.clock.now() + 1_000;
    const policy = { ...context.credential.policy, suspendUntil };
    const suspended = { ...context, credential: { ...context.credential, policy } };
    const imported = { answer: lab.vendor.byHand(), expiresAt: undefined };
    lab.due();
    const bringing = (now: number) =>
      importValue({ ...suspended, clock: { ...context.clock, now: () => now } }, imported);
    expect(await bringing(suspendUntil - 1)).toMatchObject({ outcome: 'waits', reason: 'suspended' });
    expect(await bringing(suspendUntil)).toMatchObject({ outcome: 'promoted' });
  });

  test('gives way where others stage a value each time that it looks', async () => {
    const lab = await at({ ...OUTBOUND, behaviour: 'overlap' }, 'due');
    let staged = 0;
    const busy: Gate = async (effect, perform) => {
      if (effect.name === 'DescribeSecret' && lab.holder('AWSPENDING') === lab.holder('AWSCURRENT')) {
        staged += 1;
        personAt(lab).tags('rotation:revoked', lab.holder('AWSPREVIOUS') ?? 'none');
        personAt(lab).tags(`rotation:compromised:${lab.holder('AWSCURRENT')}`, 'now');
        await diesBefore(lab, promotes);
      }
      return perform();
    };
    const answer = lab.vendor.byHand();
    expect(await importValue(lab.context(busy), { answer, expiresAt: undefined })).toEqual({
      outcome: 'waits',
      reason: 'another-worker-is-at-work',
    });
    expect(staged).toBe(5);
  });
});

test('who holds a grant is asked of each version that has a label, once', async () => {
  const lab = await at(AUTH, 'due');
  const seen = await seenIn(lab);
  const others = { ...seen, pending: undefined };
  lab.world.calls.length = 0;
  expect(await isHeld(lab.context(), others, 'grant-2')).toBe(false);
  expect(lab.world.calls).toEqual(['GetSecretValue', 'GetSecretValue']);
  expect(seen.labelled).toHaveLength(2);
});

describe('the quota of versions', () => {
  const history = (createdAt: readonly number[]): HistoricVersion[] =>
    createdAt.map((date, n) => ({ version: { is: 'foreign', id: `${n}` }, createdAt: date }));

  async function asked(dates: (now: number) => readonly number[], ageMs = HOUR) {
    const lab = await at(AUTH, 'due');
    const context = lab.context();
    const now = lab.world.clock.now();
    const seen = await seenIn(lab);
    const id = valueId(parsedValue(lab.holder('AWSCURRENT') ?? '').rotationId, undefined, 'x');
    const current = { ...parsedValue(id), issuedAt: now - ageMs };
    const store = { ...context.store, history: async () => history(dates(now)) };
    const clock = { ...context.clock, now: () => now };
    const outcome = await waitsForQuota({ ...context, store, clock }, { ...seen, current, pending: current });
    return outcome && { ...outcome, retryAt: (outcome.retryAt ?? 0) - now };
  }
  const full = { outcome: 'waits', reason: 'sixty-versions-in-a-day', retryAt: HOUR };
  const versions = (count: number, ago: number) => (now: number) => Array.from({ length: count }, () => now - ago);

  test('is full with sixty versions of the last day, and they are counted within the hour after a rotation', async () => {
    expect(await asked(versions(60, DAY - 1))).toEqual(full);
    expect(await asked(versions(59, MINUTE))).toBeUndefined();
    expect(await asked(versions(99, DAY))).toBeUndefined();
    expect(await asked(versions(99, MINUTE), HOUR + 1)).toBeUndefined();
  });
});
