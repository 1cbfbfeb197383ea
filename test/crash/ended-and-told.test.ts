import { ProviderUnavailableError } from '../../src/errors';
import type { Provider, Revocation } from '../../src/provider';
import { retire } from '../../src/retirement';
import { clearTheWay, settle } from '../../src/revocation';
import { AGAIN, type Context } from '../../src/rotation-context';
import { tag } from '../../src/rotation-tags';
import { AwsError } from '../sandbox/secrets-manager/errors';
import { writtenBefore } from '../support/endings';
import { faulty, type Gate, onNth, open, promotes, verb } from '../support/gates';
import { judged } from '../support/judged';
import { AUTH, at, DAY, diesBefore, FINICITY, HOUR, MINUTE, OUTBOUND, SAME } from '../support/lab-steps';
import { AT_ONCE, partnerLab } from '../support/partner-situations';
import { personAt } from '../support/person';
import { recover } from '../support/recovery';
import { type Lab, rotationLab } from '../support/rotation-lab';
import { told } from '../support/told';

// What a revocation, or the end of a credential, says and writes down, answer by answer.

const settling = (lab: Lab, context: Context = lab.context()) => settle(context, { graceEnded: false });
const changes = (lab: Lab): string[] => lab.world.calls.filter((name) => !/^(Describe|Get|List)/.test(name));
const tagOf = (lab: Lab, key: string): string | undefined =>
  lab.world.aws.DescribeSecret({ SecretId: lab.credential.secretName }).Tags?.find(({ Key }) => Key === key)?.Value;

/** A context whose provider does some things in its own way. */
const doing = (lab: Lab, verbs: Partial<Provider>, gate: Gate = open): Context => {
  const context = lab.context(gate);
  return { ...context, provider: { ...context.provider, ...verbs } };
};
const answers = (revocation: Revocation) => async () => revocation;
const moments = ({ retryAt = 0 }: { readonly retryAt?: number }, lab: Lab): number => retryAt - lab.world.clock.now();

describe('a job of a revocation', () => {
  test('of a secret that is not there is done', async () => {
    const lab = await at(AUTH, 'a new secret');
    expect(await settling(lab)).toEqual({ outcome: 'done', reason: 'secret-missing' });
  });

  test('for which there is nothing before AWSCURRENT is done', async () => {
    const lab = await at(AUTH, 'due');
    const seen = await lab.world.store().observe(lab.credential);
    if (seen === undefined) throw new Error('no secret');
    const { previous: _, ...rest } = seen;
    expect(await clearTheWay(lab.context(), { ...rest, previous: undefined })).toEqual({
      outcome: 'done',
      reason: 'nothing-to-settle',
    });
  });

  test('of a version that cannot be read yet is repeated', async () => {
    const lab = await at(AUTH, 'settling');
    const notYet: Gate = async ({ name }, perform) => {
      if (name === 'GetSecretValue') throw new AwsError('ResourceNotFoundException', 'not yet');
      return perform();
    };
    const version = lab.holder('AWSPREVIOUS');
    await expect(settling(lab, lab.context(notYet))).rejects.toMatchObject({
      failure: 'unavailable',
      answered: true,
      retryable: true,
      fields: { version },
    });
    expect(lab.vendor.live.size).toBe(2);
  });

  test('that clears the way goes on when it is clear, and stops where it is not', async () => {
    const lab = await at(AUTH, 'due, AWSPREVIOUS past its grace');
    const seen = await lab.world.store().observe(lab.credential);
    if (seen === undefined) throw new Error('no secret');
    const lost = faulty(onNth(1, 'lost-before', verb('revoke')));
    expect(await clearTheWay(lab.context(lost), seen)).toMatchObject({ outcome: 'waits', reason: 'no-answer' });
    const again = await lab.world.store().observe(lab.credential);
    expect(again && (await clearTheWay(lab.context(), again))).toBe(AGAIN);
  });

  test('without an answer is asked again after the first pause', async () => {
    const lab = await at(AUTH, 'settling');
    const outcome = await settling(lab, lab.context(faulty(onNth(1, 'lost-before', verb('revoke')))));
    expect(outcome).toMatchObject({ outcome: 'waits', version: lab.holder('AWSPREVIOUS'), reason: 'no-answer' });
    expect(moments(outcome, lab)).toBe(MINUTE);
  });

  test.each([
    [5_000, true],
    [5_001, false],
  ])('is sent within five seconds of the reading of the labels, and told so: %i ms', async (ms, sent) => {
    const lab = await at(AUTH, 'settling');
    const given: (number | undefined)[] = [];
    const context = doing(lab, {
      revoke: async (_credential, _old, { mayCallUntil, repeated }) => {
        given.push(mayCallUntil);
        expect(repeated).toBe(false);
        return { outcome: 'revoked' };
      },
    });
    const seenAt = lab.world.clock.monotonic();
    const monotonic = () => (lab.world.calls.at(-1) === 'GetSecretValue' ? seenAt + ms : seenAt);
    lab.world.calls.length = 0;
    const clock = { ...context.clock, monotonic };
    const store = {
      ...context.store,
      observe: async (credential: Context['credential']) => {
        const seen = await context.store.observe(credential);
        return seen && { ...seen, seenAt };
      },
    };
    const outcome = await settling(lab, { ...context, clock, store });
    expect(outcome).toMatchObject(sent ? { outcome: 'settled' } : { outcome: 'waits', reason: 'too-late' });
    expect(given).toEqual(sent ? [seenAt + 5_000] : []);
  });
});

describe('what is settled without a call', () => {
  test('stays for a person where that was said: its grant lives on', async () => {
    const lab = await at(SAME, 'settling');
    const previous = lab.holder('AWSPREVIOUS') ?? '';
    personAt(lab).tags(`rotation:unrevoked:${previous}`, 'x');
    expect(await settling(lab)).toMatchObject({ outcome: 'settled', reason: 'provider-did-not-rotate' });
    expect(lab.tags()).toMatchObject({ revoked: [previous], unrevoked: [previous] });
  });

  test('a value that does not tell its grant is for a person', async () => {
    const lab = rotationLab(AUTH);
    writtenBefore(lab, 1);
    const SecretId = lab.credential.secretName;
    const SecretString = JSON.stringify({ AuthSecret: 'another' });
    lab.world.aws.PutSecretValue({
      SecretId,
      ClientRequestToken: 'a-token-of-somebody-and-thirty-two-long',
      SecretString,
    });
    lab.changeEntry({ adopt: { grants: {}, drops: [] } });
    await recover(lab);
    const theirs = lab.holder('AWSCURRENT') ?? '';
    lab.world.clock.advance(31 * DAY);
    lab.due();
    await lab.rotate();
    lab.world.clock.advance(2 * DAY);
    expect(lab.holder('AWSPREVIOUS')).toBe(theirs);
    const reason = 'no-grant-id-in-the-value';
    const outcomes: unknown[] = [];
    const lines = await told(lab.context(), async (context) => outcomes.push(await settling(lab, context)));
    expect(outcomes).toEqual([{ outcome: 'settled', version: theirs, reason: 'unrevoked' }]);
    expect(lines[0]).toBe(`alarm grant-unrevoked version=${theirs} reason=${reason}`);
    expect(tagOf(lab, `rotation:unrevoked:${theirs}`)).toBe(reason);
  });

  test('an old secret that the vendor answered with again', async () => {
    const lab = await at({ ...OUTBOUND, behaviour: 'same' }, 'settling');
    expect(await settling(lab)).toMatchObject({ outcome: 'settled', reason: 'provider-did-not-rotate' });
    expect(lab.vendor.live.size).toBe(1);
    expect(lab.tags().stillAlive).toEqual([]);
  });

  test('an old secret that the entry does not want tried, and one of which the vendor says nothing', async () => {
    const untried = await at({ ...OUTBOUND, behaviour: 'overlap', policy: { proveDead: false } }, 'settling');
    expect(await settling(untried)).toMatchObject({ outcome: 'settled', reason: 'not-tried' });
    const lab = await at({ ...OUTBOUND, behaviour: 'overlap' }, 'settling');
    const silent = doing(lab, { verify: () => Promise.reject(new ProviderUnavailableError('no')) });
    expect(await settling(lab, silent)).toMatchObject({ outcome: 'settled', reason: 'old-secret-not-proven-dead' });
    const dead = await at(OUTBOUND, 'settling');
    expect(await settling(dead)).toMatchObject({ outcome: 'settled', reason: 'old-secret-is-dead' });
  });

  test('a receipt that was extended, compromised or not', async () => {
    const extended = { ...FINICITY, policy: { renewal: 'extend' } } as const;
    const lab = await at(extended, 'settling');
    expect(await settling(lab)).toMatchObject({ outcome: 'settled', reason: 'grant-is-held-by-current' });
    expect(lab.tags().compromised.size).toBe(0);
    const other = await at(extended, 'settling');
    personAt(other).tags(`rotation:compromised:${other.holder('AWSPREVIOUS')}`, 'now');
    expect(await settling(other)).toMatchObject({ outcome: 'settled', reason: 'grant-is-held-by-current' });
    expect([...other.tags().compromised.keys()]).toContain(other.holder('AWSCURRENT'));
    expect(other.alarms).not.toContain('compromised-grant-answered-again');
  });

  test('the same permission with another secret', async () => {
    const lab = await at(AUTH, 'settling');
    const SecretId = lab.credential.secretName;
    const previous = { is: 'foreign' as const, id: lab.holder('AWSPREVIOUS') ?? '' };
    const answer = { PermissionId: lab.grantOn('AWSPREVIOUS'), AuthSecret: 'another secret' };
    const ClientRequestToken = 'a-token-of-somebody-and-thirty-two-long';
    lab.world.aws.PutSecretValue({ SecretId, ClientRequestToken, SecretString: JSON.stringify(answer) });
    const seen = await lab.world.store().observe(lab.credential);
    if (seen === undefined) throw new Error('no secret');
    const before = lab.vendor.live.size;
    const current = { is: 'foreign' as const, id: ClientRequestToken };
    const lines = await told(lab.context(), async (context) =>
      expect(await clearTheWay(context, { ...seen, previous, current })).toBe(AGAIN),
    );
    expect(lines).toEqual(['info step=settle version=a-value reason=grant-is-held-by-current']);
    expect(lab.vendor.live.size).toBe(before);
  });
});

test('an old secret that the entry cannot read proves nothing', async () => {
  const lab = await at({ ...OUTBOUND, behaviour: 'overlap' }, 'settling');
  lab.changeEntry({ value: { fields: { user: 'client_id', password: 'client_secret' }, constants: {} } });
  expect(await settling(lab)).toMatchObject({ outcome: 'settled', reason: 'nothing-to-prove' });
});

describe('what the vendor answers', () => {
  test('revoked, though it was said to be for a person: that is taken back', async () => {
    const lab = await at(AUTH, 'settling');
    const previous = lab.holder('AWSPREVIOUS') ?? '';
    personAt(lab).tags(`rotation:unrevoked:${previous}`, 'x');
    personAt(lab).tags(`rotation:revoking:${previous}`, 'now');
    expect(await settling(lab)).toEqual({ outcome: 'settled', version: previous, reason: 'revoked' });
    expect(lab.tags()).toMatchObject({ revoked: [previous], unrevoked: [], revoking: [] });
  });

  test('not revoked: another worker may have just done it, so it is looked at twice, three seconds apart', async () => {
    const lab = await at(AUTH, 'settling');
    const from = lab.world.clock.now();
    const context = doing(lab, { revoke: answers({ outcome: 'not-revoked', reason: '400' }) });
    const lines = await told(context, (inner) => settling(lab, inner));
    expect(lines).toContain('alarm grant-unrevoked version=a-value reason=400');
    expect(lab.world.clock.now() - from).toBeGreaterThan(3_000);
    const fast = await at(AUTH, 'settling');
    const began = fast.world.clock.now();
    await settling(fast);
    expect(fast.world.clock.now() - began).toBeLessThan(1_000);
  });

  test.each([
    [true, 'revocation hit AWSCURRENT and was undone'],
    [false, 'revocation hit AWSCURRENT: it may be dead'],
  ])('that it hit AWSCURRENT: undone %s', async (reinstated, reason) => {
    const lab = await at(AUTH, 'settling');
    const version = lab.holder('AWSPREVIOUS') ?? '';
    const context = doing(lab, { revoke: answers({ outcome: 'hit-current', reinstated }) });
    const outcomes: unknown[] = [];
    const lines = await told(context, async (inner) => outcomes.push(await settling(lab, inner)));
    expect(outcomes).toEqual([{ outcome: 'blocked', version, reason }]);
    expect(lines.at(-1)).toBe(`alarm revocation-hit-current version=a-value reinstated=${reinstated}`);
    expect(lab.tags().blocked).toBe(reason);
    expect(lab.tags().revoked).toEqual([]);
  });

  test.each([
    ['and can be enabled', async () => true, 'revocation hit AWSCURRENT and was undone'],
    ['and cannot be enabled', async () => false, 'revocation hit AWSCURRENT: it may be dead'],
    ['and no answer', () => Promise.reject(new Error('no answer')), 'revocation hit AWSCURRENT: it may be dead'],
  ])('while a person made it current again %s', async (_what, reinstate, reason) => {
    const lab = await at(AUTH, 'settling');
    const previous = lab.holder('AWSPREVIOUS') ?? '';
    const revoke = async (): Promise<Revocation> => {
      personAt(lab).moves('AWSCURRENT', previous);
      return { outcome: 'revoked' };
    };
    expect(await settling(lab, doing(lab, { revoke, reinstate }))).toEqual({
      outcome: 'blocked',
      version: previous,
      reason,
    });
  });

  test.each([
    ['a value of their own with that grant', 'by-hand', 'blocked'],
    ['a copy of ours with that grant', 'copy', 'waits'],
  ])('while somebody puts %s', async (_what, whose, outcome) => {
    const lab = await at(AUTH, 'settling');
    const grant = lab.grantOn('AWSPREVIOUS');
    const SecretId = lab.credential.secretName;
    const revoke = async (): Promise<Revocation> => {
      const SecretString = JSON.stringify({ PermissionId: grant, AuthSecret: `secret of ${grant}` });
      const ours = (lab.holder('AWSCURRENT') ?? '').replace(/^./, 'f');
      const ClientRequestToken = whose === 'copy' ? ours : 'a-token-of-somebody-and-thirty-two-long';
      lab.world.aws.PutSecretValue({ SecretId, ClientRequestToken, SecretString, VersionStages: ['AWSPENDING'] });
      return { outcome: 'revoked' };
    };
    const answer = await settling(lab, doing(lab, { revoke }));
    expect(answer).toMatchObject({ outcome });
    if (whose === 'copy') expect(answer.reason).toBe('a-rollback-began');
  });
});

describe('the end of a credential', () => {
  async function retired(vendor = AUTH, deleteSecret = false): Promise<Lab> {
    const lab = await at(vendor, 'settling');
    lab.changeEntry({ retired: { deleteSecret } });
    return lab;
  }

  test('its secret is scheduled to go, when nothing is left', async () => {
    const lab = await retired(AUTH, true);
    expect(await settling(lab)).toEqual({ outcome: 'settled', reason: 'deletion-scheduled' });
  });

  test('an extended receipt is revoked once, with the version that is current', async () => {
    const lab = await retired({ ...FINICITY, policy: { renewal: 'extend' } });
    const [previous, current] = [lab.holder('AWSPREVIOUS'), lab.holder('AWSCURRENT')];
    const revoked: unknown[] = [];
    const gate: Gate = async (effect, perform) => {
      if (verb('revoke')(effect)) revoked.push(effect.input);
      return perform();
    };
    const lines = await told(lab.context(gate), (context) => settling(lab, context));
    expect(revoked).toEqual(['grant-1']);
    expect(lines.filter((line) => line.includes('step=settle'))).toEqual([
      'info step=settle version=a-value reason=grant-is-held-by-current',
      'info step=settle version=a-value reason=revoked',
    ]);
    expect(lab.tags().revoked).toEqual([previous, current]);
  });

  test('a version before that was not settled is not said to be', async () => {
    const lab = await at(AUTH, 'due');
    lab.changeEntry({ retired: { deleteSecret: false } });
    await settling(lab);
    expect(lab.tags().revoked).toEqual([lab.holder('AWSCURRENT')]);
  });

  test('no answer to a revocation is waited for, and asked again', async () => {
    const lab = await retired();
    const lost = faulty(onNth(1, 'lost-before', verb('revoke')));
    const outcome = await settling(lab, lab.context(lost));
    expect(outcome).toMatchObject({ outcome: 'waits', version: lab.holder('AWSPREVIOUS'), reason: 'no-answer' });
    expect(moments(outcome, lab)).toBe(MINUTE);
    expect(lab.tags().revoking).toEqual([lab.holder('AWSPREVIOUS')]);
    lab.world.calls.length = 0;
    expect(await settling(lab)).toMatchObject({ outcome: 'done', reason: 'retired' });
    expect(lab.tags().revoking).toEqual([]);
    expect(changes(lab).filter((name) => name === 'UntagResource')).toHaveLength(1);
  });

  test('what is settled is written down one by one', async () => {
    const lab = await retired();
    const lost = faulty(onNth(2, 'lost-before', verb('revoke')));
    expect(await settling(lab, lab.context(lost))).toMatchObject({ outcome: 'waits', reason: 'no-answer' });
    expect(lab.tags().revoked).toEqual([lab.holder('AWSPREVIOUS')]);
  });

  test('what comes too late is not sent', async () => {
    const lab = await retired();
    const late: Gate = async (effect, perform) => {
      if (effect.name === 'GetSecretValue') lab.world.clock.advance(6_000);
      return perform();
    };
    expect(await settling(lab, lab.context(late))).toMatchObject({ outcome: 'waits', reason: 'too-late' });
    expect(lab.vendor.live.size).toBe(2);
  });

  test('what was said to be for a person and is revoked after all is taken back, and only that', async () => {
    const lab = await retired();
    const [previous, current] = [lab.holder('AWSPREVIOUS') ?? '', lab.holder('AWSCURRENT') ?? ''];
    personAt(lab).tags(`rotation:unrevoked:${previous}`, 'x');
    personAt(lab).tags(`rotation:unrevoked:${current}`, 'x');
    const refusesSecond = doing(lab, {
      revoke: async (_credential, { grant }) =>
        grant === lab.grantOn('AWSCURRENT') ? { outcome: 'not-revoked', reason: '400' } : { outcome: 'revoked' },
    });
    await settling(lab, refusesSecond);
    expect(lab.tags()).toMatchObject({ revoked: [previous, current], unrevoked: [current] });
    expect(tagOf(lab, `rotation:unrevoked:${current}`)).toBe('400');
  });

  test.each([
    [
      'of a partner secret',
      () => partnerLab(AT_ONCE, 'young'),
      'lives on at the vendor: change it there - then clear this tag',
    ],
    [
      'of an Outbound recipient',
      () => at(OUTBOUND, 'due'),
      'lives on at the vendor: have the vendor remove it - then clear this tag',
    ],
    [
      'of what a person makes',
      byHand,
      'lives on at the vendor: delete it in the vendor s portal - then clear this tag',
    ],
  ])('%s leaves AWSCURRENT to a person', async (_what, make, words) => {
    const lab = await make();
    lab.changeEntry({ retired: { deleteSecret: false } });
    const current = lab.holder('AWSCURRENT') ?? '';
    await recover(lab);
    expect(tagOf(lab, `rotation:unrevoked:${current}`)).toBe(words);
    expect(lab.tags().revoked).toContain(current);
  });

  test('a value that does not tell its grant is for a person', async () => {
    const lab = rotationLab(AUTH);
    writtenBefore(lab, 1);
    const SecretId = lab.credential.secretName;
    const ClientRequestToken = 'a-token-of-somebody-and-thirty-two-long';
    const SecretString = JSON.stringify({ AuthSecret: 'another' });
    lab.world.aws.PutSecretValue({ SecretId, ClientRequestToken, SecretString });
    lab.changeEntry({ adopt: { grants: {}, drops: [] } });
    await recover(lab);
    lab.changeEntry({ retired: { deleteSecret: false } });
    await recover(lab);
    expect(lab.tags().revoked).toContain(ClientRequestToken);
    expect(tagOf(lab, `rotation:unrevoked:${ClientRequestToken}`)).toBe('no-grant-id-in-the-value');
    expect(lab.vendor.live.size).toBe(0);
  });

  test('waits for a paused account, and no tag is written before', async () => {
    const lab = await retired();
    const until = lab.world.clock.now() + HOUR;
    const gate = { enter: async () => ({ until }), pausedUntil: () => until, leave: async () => undefined };
    lab.world.calls.length = 0;
    expect(await retire({ ...lab.context(), gate })).toEqual({
      outcome: 'waits',
      reason: 'account-paused',
      retryAt: until,
    });
    expect(changes(lab)).toEqual([]);
  });

  test('two values that do not tell their grants are two for a person', async () => {
    const lab = rotationLab(AUTH);
    writtenBefore(lab, 0);
    const SecretId = lab.credential.secretName;
    const ids = ['a-token-of-somebody-and-thirty-two-long', 'another-one-of-somebody-and-long-enough'];
    for (const ClientRequestToken of ids) {
      const SecretString = JSON.stringify({ AuthSecret: ClientRequestToken });
      lab.world.aws.PutSecretValue({ SecretId, ClientRequestToken, SecretString });
    }
    lab.changeEntry({ adopt: { grants: {}, drops: [] } });
    await recover(lab);
    personAt(lab).removesTags(...ids.map((id) => `rotation:unrevoked:${id}`));
    lab.changeEntry({ retired: { deleteSecret: false } });
    await recover(lab);
    expect([...lab.tags().unrevoked].sort()).toEqual(ids);
  });

  test('waits for what is unfinished', async () => {
    const lab = await at(AUTH, 'due');
    await diesBefore(lab, promotes);
    lab.changeEntry({ retired: { deleteSecret: false } });
    lab.world.clock.advance(HOUR);
    expect(await retire(lab.context())).toMatchObject({ outcome: 'promoted' });
    expect(await retire(lab.context())).toMatchObject({ outcome: 'done', reason: 'retired' });
    expect(lab.vendor.live.size).toBe(0);
    await judged(lab, 'ended');
  });

  async function byHand(): Promise<Lab> {
    const lab = rotationLab({ kind: 'finout-api-token', behaviour: 'overlap' });
    await lab.import(lab.vendor.byHand());
    return lab;
  }
});

test('what a person made, and its entry cannot read, is for a person to delete', async () => {
  const lab = rotationLab({ kind: 'finout-api-token', behaviour: 'overlap' });
  for (let n = 0; n < 2; n += 1) {
    await lab.import(lab.vendor.byHand());
    lab.world.clock.advance(2 * DAY);
  }
  lab.changeEntry({ value: { fields: { user: 'clientId', password: 'secretKey' }, constants: {} } });
  expect(await settling(lab)).toMatchObject({ outcome: 'settled', reason: 'unrevoked' });
  expect(lab.tags().unrevoked).toEqual([lab.holder('AWSPREVIOUS')]);
});

test('what a person has imported again is as compromised as it was', async () => {
  const lab = rotationLab({ kind: 'finout-api-token', behaviour: 'overlap' });
  const pair = lab.vendor.byHand();
  await lab.import(pair);
  lab.world.clock.advance(2 * DAY);
  for (const compromised of [false, true]) {
    if (compromised) {
      const [key = '', value = ''] =
        Object.entries(tag.compromised(lab.holder('AWSCURRENT') ?? '', lab.world.clock.now()))[0] ?? [];
      personAt(lab).tags(key, value);
    }
    await lab.import(pair);
    lab.world.clock.advance(2 * DAY);
    expect(await settling(lab)).toMatchObject({ outcome: 'settled', reason: 'grant-is-held-by-current' });
    expect(lab.tags().compromised.has(lab.holder('AWSCURRENT') ?? '')).toBe(compromised);
  }
});
