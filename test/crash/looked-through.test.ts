import { randomUUID } from 'node:crypto';
import { adopt, lookAtFieldsAgain } from '../../src/adoption';
import { announcing } from '../../src/announcing';
import { lookThroughHistory } from '../../src/hand-made';
import { rotate } from '../../src/rotation';
import { AGAIN, type Context } from '../../src/rotation-context';
import { MOST_REVOKED } from '../../src/rotation-tags';
import type { HistoricVersion, Observation } from '../../src/secret-store';
import { intentId } from '../../src/version-ids';
import { NO_DETAILS, writtenBefore } from '../support/endings';
import { faulty, type Gate, holding, onNth, open, promotes, verb } from '../support/gates';
import { judged } from '../support/judged';
import { AUTH, announced, at, diesBefore, FINICITY, grants, HOUR, MINUTE, OUTBOUND } from '../support/lab-steps';
import { FOREIGN } from '../support/observations';
import { personAt } from '../support/person';
import { recover } from '../support/recovery';
import { type Lab, rotationLab } from '../support/rotation-lab';
import type { VendorCase } from '../support/situations';
import { told } from '../support/told';

// A history that is looked through: what has lost its labels to people, and what others wrote before a secret was adopted.

const EXTENDED: VendorCase = { ...FINICITY, policy: { renewal: 'extend' } };
const TOKEN: VendorCase = { kind: 'finout-api-token', behaviour: 'overlap' };

const seenIn = async (lab: Lab): Promise<Observation> => {
  const seen = await lab.world.store().observe(lab.credential);
  if (seen === undefined) throw new Error('no secret');
  return seen;
};
const looking = async (lab: Lab, context: Context = lab.context()) => lookThroughHistory(context, await seenIn(lab));
const tagOf = (lab: Lab, key: string): string | undefined =>
  lab.world.aws.DescribeSecret({ SecretId: lab.credential.secretName }).Tags?.find(({ Key }) => Key === key)?.Value;
const revoking =
  (asked: unknown[], inner: Gate = open): Gate =>
  (effect, perform) => {
    if (verb('revoke')(effect)) asked.push(effect.input);
    return inner(effect, perform);
  };
const THEIRS = 'stored by a person and without label';
const paused = (lab: Lab) => {
  const until = lab.world.clock.now() + HOUR;
  return { enter: async () => ({ until }), pausedUntil: () => until, leave: async () => undefined };
};

describe('a value that lost its labels to a person', () => {
  /** `grant-2` was staged, and lost its label; a version of a person's is current. */
  async function loose(vendor: VendorCase = AUTH): Promise<{ lab: Lab; version: string }> {
    const lab = await at(vendor, 'due');
    await diesBefore(lab, promotes);
    const version = lab.holder('AWSPENDING') ?? '';
    personAt(lab).takesAway('AWSPENDING');
    personAt(lab).putsValue();
    return { lab, version };
  }

  test('is revoked, named as settled, and told', async () => {
    const { lab, version } = await loose();
    const lines = await told(lab.context(), async (context) => expect(await looking(lab, context)).toBe(AGAIN));
    expect(lines.slice(-1)).toEqual(['info step=history version=a-value reason=revoked']);
    expect(lab.tags().revoked).toContain(version);
    expect(lab.tags().unrevoked).toEqual([]);
    expect(grants(lab)).not.toContain('grant-2');
  });

  test.each([
    [{ outcome: 'not-revoked', reason: '400 {}' } as const, '400 {}'],
    [{ outcome: 'hit-current', reinstated: false } as const, 'hit-current'],
  ])('is for a person where the vendor says: %j', async (answer, reason) => {
    const { lab, version } = await loose();
    const context = lab.context();
    const provider = { ...context.provider, revoke: async () => answer };
    const lines = await told({ ...context, provider }, (inner) => looking(lab, inner));
    expect(lines.slice(-2)).toEqual([
      `info step=history version=a-value reason=${reason}`,
      `alarm grant-unrevoked version=a-value reason=${reason}`,
    ]);
    expect(tagOf(lab, `rotation:unrevoked:${version}`)).toBe(reason.replace(/[{}]/g, ' '));
    expect(lab.tags().blocked !== undefined).toBe(answer.outcome === 'hit-current');
  });

  test.each(['no-answer', 'too-late'])('is looked at again where nothing is known: %s', async (reason) => {
    const { lab, version } = await loose();
    const late: Gate = async (effect, perform) => {
      if (effect.name === 'GetSecretValue') lab.world.clock.advance(6_000);
      return perform();
    };
    const gate = reason === 'no-answer' ? faulty(onNth(1, 'lost-before', verb('revoke'))) : late;
    const next = await looking(lab, lab.context(gate));
    expect(next).toMatchObject({ outcome: 'waits', version, reason });
    expect(lab.tags().revoked).not.toContain(version);
  });

  test('waits for a paused account', async () => {
    const { lab } = await loose();
    expect(await looking(lab, { ...lab.context(), gate: paused(lab) })).toMatchObject({ reason: 'account-paused' });
    expect(grants(lab)).toContain('grant-2');
  });

  test('that a person stored is theirs to revoke: the newest are named, and what had been taken as it was', async () => {
    const lab = await at(AUTH, 'due');
    const person = personAt(lab);
    const taken = person.putsValue();
    await recover(lab);
    const ids = Array.from({ length: 60 }, () => {
      lab.world.clock.advance(1);
      return person.putsValue();
    });
    await recover(lab);
    const [oldest, ...others] = ids.slice(53, 58);
    expect(new Set(lab.tags().unrevoked)).toEqual(new Set([taken, oldest, ...others]));
    for (const version of [taken, ...others]) expect(tagOf(lab, `rotation:unrevoked:${version}`)).toBe(THEIRS);
    expect(tagOf(lab, `rotation:unrevoked:${oldest}`)).toBe(`${THEIRS} - as are 53 before it`);
    expect(lab.alarms.filter((alarm) => alarm === 'grant-unrevoked')).toHaveLength(6);
  });

  test('that a person stored is said once, also when its tag was resolved, or another was put since', async () => {
    const lab = await at(AUTH, 'due');
    const person = personAt(lab);
    for (let n = 0; n < 3; n += 1) person.putsValue();
    await recover(lab);
    const [first = ''] = lab.tags().unrevoked;
    expect(tagOf(lab, `rotation:unrevoked:${first}`)).toBe(THEIRS);
    person.removesTags(`rotation:unrevoked:${first}`);
    lab.world.clock.advance(1);
    const [current, previous] = [lab.holder('AWSCURRENT') ?? '', lab.holder('AWSPREVIOUS') ?? ''];
    for (let n = 0; n < 2; n += 1) person.putsValue();
    await recover(lab);
    expect([...lab.tags().unrevoked].sort()).toEqual([current, previous].sort());
    expect(tagOf(lab, `rotation:unrevoked:${current}`)).toBe(THEIRS);
  });

  test('of a kind that a person makes is for a person to delete, and of one without grants nothing is said', async () => {
    const token = rotationLab(TOKEN);
    await token.import(token.vendor.byHand());
    const version = token.holder('AWSCURRENT') ?? '';
    for (let n = 0; n < 2; n += 1) personAt(token).putsValue();
    await recover(token);
    expect(tagOf(token, `rotation:unrevoked:${version}`)).toMatch(/^made by a person: a person has to delete it/);
    const { lab } = await loose(OUTBOUND);
    await recover(lab);
    expect(lab.tags().unrevoked).toEqual([]);
  });

  test('is one of too many: it is for a person, since its revocation could not be written down', async () => {
    const { lab, version } = await loose();
    const later = Array.from({ length: MOST_REVOKED + 2 }, () => randomUUID());
    const seen = await seenIn(lab);
    const context = lab.context();
    const all = await context.store.history(lab.credential);
    const more = later.map((id, n): HistoricVersion => ({ version: { is: 'foreign', id }, createdAt: n }));
    const history = async () => [...more, ...all];
    const revoked = later.slice(2);
    const asked: unknown[] = [];
    const watched = lab.context(revoking(asked));
    const store = { ...watched.store, history };
    const tags = { ...seen.tags, revoked, unrevoked: later };
    await lookThroughHistory(
      { ...watched, store },
      { ...seen, tags, labelled: [...seen.labelled, ...later.slice(0, 1)] },
    );
    expect([asked, tagOf(lab, `rotation:unrevoked:${version}`)]).toEqual([
      [],
      'too many versions lost their labels after one that is not settled',
    ]);
  });

  test('holds a grant that a later one holds too: it is revoked once, with the last of them', async () => {
    const lab = await at(EXTENDED, 'settling');
    const [previous, current] = [lab.holder('AWSPREVIOUS'), lab.holder('AWSCURRENT')];
    for (let n = 0; n < 2; n += 1) personAt(lab).putsValue();
    const asked: unknown[] = [];
    await recover(lab, revoking(asked));
    expect(asked.filter((grant) => grant === 'grant-1')).toHaveLength(1);
    expect(lab.tags().revoked).toContain(current);
    expect(lab.tags().revoked).not.toContain(previous);
    expect(grants(lab)).not.toContain('grant-1');
  });

  test('holds the grant that a rollback took over: it is revoked once, with the copy', async () => {
    const lab = await replaced();
    await lab.rollback();
    for (let n = 0; n < 2; n += 1) personAt(lab).putsValue();
    const asked: unknown[] = [];
    await recover(lab, revoking(asked));
    expect(asked.slice(0, 2).sort()).toEqual(['grant-1', 'grant-2']);
    expect(new Set(asked).size).toBe(asked.length);
    expect(lab.tags().unrevoked).toEqual([]);
  });

  test('holds the grant of a copy that was sealed: it is settled with none but itself', async () => {
    const lab = await replaced();
    const { gate, held } = holding(promotes);
    await Promise.race([held, lab.rollback(gate)]);
    personAt(lab).putsValue();
    const asked: unknown[] = [];
    await recover(lab, revoking(asked));
    expect(asked.filter((grant) => grant === 'grant-1')).toHaveLength(1); // with the copy, which was superseded
    for (let n = 0; n < 2; n += 1) personAt(lab).putsValue();
    await recover(lab, revoking(asked));
    expect(asked.filter((grant) => grant === 'grant-1')).toHaveLength(2);
    expect(lab.tags().unrevoked).toHaveLength(1); // the first of hers
    expect(grants(lab)).not.toContain('grant-1');
  });

  /** `grant-1` is AWSPREVIOUS, in its grace, and `grant-2` current. */
  async function replaced(): Promise<Lab> {
    const lab = await at(AUTH, 'on demand');
    lab.due();
    await lab.rotate({ wish: 'normal' });
    return lab;
  }
});

describe('an intent that lost its label to a person', () => {
  test('is given up, and AWSPENDING goes from where it is to its tombstone', async () => {
    const lab = await at(AUTH, 'due');
    await diesBefore(lab, verb('issue'));
    const dead = await announced(lab);
    const hers = personAt(lab).putsValue();
    personAt(lab).moves('AWSPENDING', hers);
    expect(await looking(lab)).toBe(AGAIN);
    expect(lab.holder('AWSPENDING')).toBe(dead.value);
    expect(lab.holder('ROTATION_GIVEN_UP')).toBe(dead.value);
    await judged(lab, 'given up');
  });

  test('is passed over while it cannot be read', async () => {
    const lab = await at(AUTH, 'due');
    await diesBefore(lab, verb('issue'));
    const id = lab.holder('AWSPENDING') ?? '';
    personAt(lab).moves('AWSPENDING', personAt(lab).putsValue());
    const notYet: Gate = async (effect, perform) => {
      if (effect.name === 'GetSecretValue' && Reflect.get(Object(effect.input), 'VersionId') === id)
        throw Object.assign(new Error('not yet'), { name: 'ResourceNotFoundException', $fault: 'client' });
      return perform();
    };
    expect(await looking(lab, lab.context(notYet))).toBe(AGAIN);
    expect(lab.holder('ROTATION_GIVEN_UP')).toBeUndefined();
  });

  test('is left where its value or its tombstone is there', async () => {
    const lab = await at(AUTH, 'due, AWSPREVIOUS past its grace');
    const puts: string[] = [];
    personAt(lab).putsValue();
    const before = lab.holder('AWSPENDING');
    await looking(
      lab,
      lab.context(async (effect, perform) => {
        puts.push(effect.name);
        return perform();
      }),
    );
    expect(puts).not.toContain('PutSecretValue');
    expect(lab.holder('AWSPENDING')).toBe(before);
  });
});

describe('the intent that announced a value', () => {
  test('is found along the chain of attempts, over tombstones, and else in the history', async () => {
    const lab = await at(AUTH, 'due');
    for (let n = 0; n < 2; n += 1) {
      await rotate(lab.context(faulty(onNth(1, 'refused', verb('issue')))), { version: lab.due(), wish: 'none' });
      lab.world.clock.advance(HOUR);
    }
    await diesBefore(lab, promotes);
    const value = lab.holder('AWSPENDING') ?? '';
    const head = lab.holder('AWSCURRENT') ?? '';
    lab.world.calls.length = 0;
    expect(await announcing(lab.context(), head, value)).toMatchObject({ value, failures: 2, call: 'issue' });
    expect(lab.world.calls).toEqual(['GetSecretValue', 'GetSecretValue', 'GetSecretValue']);
    expect(await announcing(lab.context(), 'another', value)).toMatchObject({ value, failures: 2 });
    expect(await announcing(lab.context(), head, 'no such value')).toBeUndefined();
    expect(intentId(head)).toMatch(/^intent-/);
  });

  test('is found over a value that was sealed, without a look at the history', async () => {
    const lab = await at(OUTBOUND, 'due');
    const refused: Gate = async (effect, perform) => (verb('verify')(effect) ? ('refused' as never) : perform());
    await rotate(lab.context(refused), { version: lab.due(), wish: 'none' });
    lab.world.clock.advance(HOUR);
    await diesBefore(lab, promotes);
    const value = lab.holder('AWSPENDING') ?? '';
    lab.world.calls.length = 0;
    const head = lab.holder('AWSCURRENT') ?? '';
    expect(await announcing(lab.context(), head, value)).toMatchObject({ value, failures: 1 });
    expect(lab.world.calls).not.toContain('ListSecretVersionIds');
  });

  test('is looked for without reading what is none', async () => {
    const lab = await at(AUTH, 'due, AWSPREVIOUS past its grace');
    const read: string[] = [];
    const gate: Gate = async (effect, perform) => {
      if (effect.name === 'GetSecretValue') read.push(String(Reflect.get(Object(effect.input), 'VersionId')));
      return perform();
    };
    await announcing(lab.context(gate), 'another', 'no such value');
    expect(read.every((id) => id.startsWith('intent-'))).toBe(true);
    expect(read.length).toBeGreaterThan(1);
  });
});

describe('a secret that is adopted', () => {
  function found(vendor: VendorCase, versions: number, ageMs = 0): { lab: Lab; ids: readonly string[] } {
    const lab = rotationLab(vendor);
    const ids = writtenBefore(lab, versions, ageMs);
    lab.changeEntry({ adopt: NO_DETAILS });
    return { lab, ids };
  }
  const writes = (lab: Lab, fields: object): string => {
    const ClientRequestToken = randomUUID();
    const SecretString = JSON.stringify(fields);
    lab.world.aws.PutSecretValue({ SecretId: lab.credential.secretName, ClientRequestToken, SecretString });
    return ClientRequestToken;
  };

  test('is told, with every grant that only people know of', async () => {
    const { lab } = found(AUTH, 3);
    writes(lab, { AuthSecret: 'x' });
    const lines = await told(lab.context(), async (context) => expect(await looking(lab, context)).toBe(AGAIN));
    expect(lines).toEqual([
      "info step=adopt version=another's",
      "alarm grant-unrevoked version=another's reason=no-grant-id-in-the-value",
      'alarm grant-unrevoked version=versions-without-label reason=2 written before the secret was adopted',
    ]);
    const current = lab.holder('AWSCURRENT') ?? '';
    expect(tagOf(lab, `rotation:unrevoked:${current}`)).toBe('no-grant-id-in-the-value');
    expect(tagOf(lab, 'rotation:unrevoked:versions-without-label')).toBe('2 written before the secret was adopted');
  });

  test('counts a version without label that tells no grant, whatever the labelled ones tell', async () => {
    const { lab } = found(AUTH, 0);
    for (const name of ['a', 'b', 'c']) writes(lab, { AuthSecret: name });
    await looking(lab);
    expect(tagOf(lab, 'rotation:unrevoked:versions-without-label')).toBe('1 written before the secret was adopted');
  });

  test('counts no version without label that holds what a labelled one holds, nor one that AWS kept no value of', async () => {
    const { lab, ids } = found(AUTH, 2);
    for (let n = 0; n < 2; n += 1) writes(lab, { PermissionId: 'grant-2', AuthSecret: 'secret of grant-2' });
    const gate: Gate = async (effect, perform) => {
      if (effect.name === 'GetSecretValue' && Reflect.get(Object(effect.input), 'VersionId') === ids[0])
        throw Object.assign(new Error('no value'), { name: 'ResourceNotFoundException', $fault: 'client' });
      return perform();
    };
    await looking(lab, lab.context(gate));
    expect(lab.tags().unrevoked).toEqual([]);
    expect(lab.tags().adopted?.version).toBe(lab.holder('AWSCURRENT'));
  });

  test('of a kind without grants says nothing of them; of one that a person makes it does', async () => {
    const { lab } = found(OUTBOUND, 3);
    await looking(lab);
    expect(lab.tags().unrevoked).toEqual([]);
    expect(lab.tags().credential?.id).toBe(lab.credential.id);
    const { lab: token } = found(TOKEN, 4);
    await looking(token);
    expect(tagOf(token, 'rotation:unrevoked:versions-without-label')).toBe('2 written before the secret was adopted');
  });

  test('has AWSPREVIOUS in grace from its last change, and says nothing of a promotion where there is none', async () => {
    const { lab } = found(AUTH, 1);
    await looking(lab);
    expect(lab.tags().promoted).toBeUndefined();
    const { lab: two } = found(AUTH, 2);
    const { lastChangedAt } = await seenIn(two);
    await looking(two);
    expect(two.tags().promoted).toEqual({ version: two.holder('AWSCURRENT'), at: lastChangedAt });
  });

  test('says how far its history was looked through, where nothing said it before', async () => {
    const { lab, ids } = found(AUTH, 4);
    await looking(lab);
    expect(lab.tags().revoked).toEqual([ids[1]]);
    const { lab: other } = found(AUTH, 4);
    personAt(other).tags('rotation:revoked', FOREIGN);
    await looking(other);
    expect(other.tags().revoked).toEqual([FOREIGN]);
  });

  test('waits while its version is not listed, or without a date, for the first pause', async () => {
    const { lab } = found(AUTH, 1);
    const seen = await seenIn(lab);
    const history = (await lab.world.store().history(lab.credential)).map((one) => ({ ...one, createdAt: 0 }));
    const retryAt = lab.world.clock.now() + MINUTE;
    expect(await adopt(lab.context(), seen, [])).toEqual({
      outcome: 'waits',
      reason: 'version-not-listed-yet',
      retryAt,
    });
    expect(await adopt(lab.context(), seen, history)).toEqual({
      outcome: 'waits',
      reason: 'creation-date-unknown',
      retryAt,
    });
  });

  test('and a version that a person puts later is looked at only where the entry adopts', async () => {
    const lab = await at(AUTH, 'due');
    writes(lab, { other: 'fields' });
    expect(await looking(lab)).toBe(AGAIN);
    expect(lab.tags().unmapped.size).toBe(0);
    const adopting = await at(AUTH, 'due');
    adopting.changeEntry({ adopt: NO_DETAILS });
    const version = writes(adopting, { other: 'fields' });
    expect(await looking(adopting)).toBe(AGAIN);
    expect([...adopting.tags().unmapped.keys()]).toEqual([version]);
  });

  test('that a person thought better of is not judged by its fields', async () => {
    const lab = await at(AUTH, 'due');
    lab.changeEntry({ adopt: NO_DETAILS });
    const ours = lab.holder('AWSCURRENT') ?? '';
    const hers = writes(lab, { other: 'fields' });
    personAt(lab).moves('AWSCURRENT', ours);
    expect(await looking(lab)).toBe(AGAIN);
    expect(lab.tags().adopted?.version).toBe(hers);
    expect(lab.tags().unmapped.size).toBe(0);
  });

  test('is looked at again when its entry says something else, which is told where it fits', async () => {
    const { lab } = found(AUTH, 0);
    writes(lab, { id: 'x', secret: 'y' });
    await looking(lab);
    const again = async (context: Context = lab.context()) => lookAtFieldsAgain(context, await seenIn(lab));
    expect(await again()).toBe(false);
    lab.changeEntry({ value: { fields: { id: 'PermissionId' }, constants: {} } });
    expect(await again()).toBe(true);
    expect(lab.tags().unmapped.size).toBe(1);
    lab.changeEntry({ value: { fields: { id: 'PermissionId', secret: 'AuthSecret' }, constants: {} } });
    lab.world.calls.length = 0;
    const lines = await told(lab.context(), async (context) => expect(await again(context)).toBe(true));
    expect(lines).toEqual(["info step=adopt version=another's"]);
    expect(lab.world.calls.filter((name) => name.endsWith('agResource'))).toEqual(['UntagResource']);
    expect(lab.tags()).toMatchObject({ unmapped: new Map(), unrevoked: [] });
    expect(await again()).toBe(false);
  });
});
