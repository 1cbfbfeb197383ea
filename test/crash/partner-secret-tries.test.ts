import { attempt } from '../../src/attempt';
import { rotate } from '../../src/rotation';
import type { Outcome } from '../../src/rotation-context';
import { Sensitive } from '../../src/sensitive';
import { whenSettled } from '../../src/unfinished';
import { both, type Fault, faulty, type Gate, holding, onNth, open, promotes, putsTry, verb } from '../support/gates';
import { judged } from '../support/judged';
import { labPartner } from '../support/lab-partner';
import { DAY, MINUTE } from '../support/lab-steps';
import { AT_ONCE, partnerLab, WITH_GRACE } from '../support/partner-situations';
import { personAt } from '../support/person';
import { recover } from '../support/recovery';
import { type Lab, rotationLab } from '../support/rotation-lab';
import { compromise } from '../support/situations';

// Which value is in force, told by logins of which five that fail lock the account for good (design, "Logins that may fail").

const first = (fault: Fault, name: string) => faulty(onNth(1, fault, verb(name)));

async function change(lab: Lab, gate: Gate = open): Promise<Outcome> {
  lab.due();
  return lab.rotate({}, gate);
}

/** The vendor says that it has changed it, and has not. */
const deaf: Gate = async (effect, perform) => (verb('change')(effect) ? (true as never) : perform());

/** Names of what the vendor was asked, in order. */
function asked(told: string[]): Gate {
  return async ({ at, name, input }, perform) => {
    if (at === 'vendor') told.push(name === 'login' ? `login ${input}` : name);
    return perform();
  };
}

/** As `rotator import` does it. */
function imported(lab: Lab, secret: string, gate: Gate = open): Promise<Outcome> {
  const context = lab.context(gate);
  const stored = new Sensitive(JSON.stringify({ partnerSecret: secret }));
  const source = { call: 'import', expiresAt: undefined, obtain: async () => ({ stored }) } as const;
  let given = false;
  return whenSettled(context, {
    wish: 'none',
    creates: true,
    imports: true,
    async begin({ seen }) {
      if (given) return { outcome: 'failed', reason: 'value-refused' };
      given = true;
      return attempt(context, seen, { failures: 0, undone: 0 }, source);
    },
  });
}

describe('tries: every login with a value that is not proven is taken once, and two that are refused call a person', () => {
  test.each([
    ['three', 3],
    ['five', 5],
  ])('%s workers, and every answer of the vendor lost', async (_n, count) => {
    const lab = await partnerLab(AT_ONCE, 'due');
    const lost = faulty((effect) => (effect.at === 'vendor' ? 'lost-before' : undefined));
    const version = lab.due();
    for (let n = 0; n < count; n += 1) {
      await lab.rotate({ version }, lost);
      lab.world.clock.advance(10 * MINUTE);
    }
    await recover(lab);
    expect(lab.vendor.partner.refused.logins).toBeLessThanOrEqual(2);
    expect(lab.tags().blocked).toBeDefined();
    expect(lab.alarms).toContain('login-refused');
    const tries = lab.world.aws.ListSecretVersionIds({ SecretId: lab.credential.secretName, IncludeDeprecated: true });
    expect(tries.Versions?.filter(({ VersionId }) => VersionId?.startsWith('try')).length).toBeLessThanOrEqual(3);
  });

  test('a try that somebody else took counts as refused', async () => {
    const lab = await partnerLab(AT_ONCE, 'due');
    const { gate, died } = crashAtLogin();
    lab.due();
    await Promise.race([lab.rotate({}, gate), died]);
    const told: string[] = [];
    lab.world.clock.advance(10 * MINUTE);
    expect(await lab.rotate({}, asked(told))).toMatchObject({ outcome: 'blocked' });
    expect(told).toEqual(['login grant-1']); // the current one, which is dead; and no second login with the pending one
    expect(lab.vendor.partner.refused.logins).toBe(1);
    await judged(lab, 'taken');
  });
});

/** Dies with its first try taken, before the login. */
function crashAtLogin() {
  const { gate, held } = holding(verb('login'));
  return { gate, died: held };
}

describe('the answer to the change', () => {
  test.each(['chosen', 'chosen+grace'] as const)(
    'lost, and it was carried out: one login says so (%s)',
    async (behaviour) => {
      const lab = await partnerLab({ ...AT_ONCE, behaviour }, 'due');
      const told: string[] = [];
      expect(await change(lab, both(asked(told), first('lost-after', 'change')))).toMatchObject({
        outcome: 'promoted',
      });
      expect(told).toEqual(['change', 'login grant-2']);
      await judged(lab, 'lost');
    },
  );

  test.each(['chosen', 'chosen+grace'] as const)(
    'lost, and it was not: told again, three logins, one refused (%s)',
    async (behaviour) => {
      const lab = await partnerLab({ ...AT_ONCE, behaviour }, 'due');
      const told: string[] = [];
      expect(await change(lab, both(asked(told), first('lost-before', 'change')))).toMatchObject({
        outcome: 'promoted',
      });
      expect(told).toEqual(['change', 'login grant-2', 'login grant-1', 'change', 'login grant-2']);
      expect(lab.vendor.partner.refused).toEqual({ logins: 1, changes: 0 });
      await judged(lab, 'lost');
    },
  );

  test('a refusal of the new value costs no login: it is given up, and another is chosen after a pause', async () => {
    const lab = await partnerLab(WITH_GRACE, 'due');
    const told: string[] = [];
    const outcome = await change(lab, both(asked(told), first('refused', 'change')));
    expect(outcome).toMatchObject({ outcome: 'waits', reason: 'backing-off' });
    expect(told).toEqual(['change']);
    expect(lab.alarms).toContain('attempt-failed');
    await judged(lab, 'refused');
    expect([lab.grantOn('AWSCURRENT'), lab.vendor.partner.refused]).toEqual(['grant-3', { logins: 0, changes: 0 }]);
  });

  test('a refusal of every value blocks after five attempts, and no login is spent', async () => {
    const lab = await partnerLab(WITH_GRACE, 'due');
    const never = faulty((effect) => (verb('change')(effect) ? 'refused' : undefined));
    for (let n = 0; n < 5; n += 1) {
      const { retryAt } = await change(lab, never);
      lab.world.clock.advance((retryAt ?? 0) - lab.world.clock.now());
    }
    expect(lab.tags().blocked).toBe('5 attempts failed - the last one: value-refused');
    expect(lab.vendor.partner.refused).toEqual({ logins: 0, changes: 0 });
  });

  test('a refusal of the current value stops at once: it may count as a failed login', async () => {
    const lab = await partnerLab(WITH_GRACE, 'due');
    const version = lab.due();
    const elsewhere: Gate = async (effect, perform) => {
      if (verb('change')(effect)) lab.vendor.partner.change({ from: 'grant-1', to: 'by hand', immediate: true });
      return perform();
    };
    expect(await lab.rotate({ version }, elsewhere)).toMatchObject({ outcome: 'blocked' });
    expect(lab.tags().blocked).toBe('the change was refused - the secret is wrong');
    expect(lab.vendor.partner.refused).toEqual({ logins: 0, changes: 1 });
    await recover(lab);
    expect(lab.vendor.partner.refused).toEqual({ logins: 0, changes: 1 });
  });

  test('a vendor that was not reached was told nothing: given up, not a failed attempt', async () => {
    const lab = await partnerLab(WITH_GRACE, 'due');
    await change(lab, first('not-done', 'change'));
    expect(lab.alarms).toEqual([]);
    expect(lab.holder('ROTATION_GIVEN_UP')).toBe(lab.holder('AWSPENDING'));
    await judged(lab, 'not reached');
    expect(lab.vendor.partner.refused).toEqual({ logins: 0, changes: 0 });
  });
});

describe('the answer to the login with the new value', () => {
  test.each(['due', 'compromised'])(
    'lost after a change that was answered: it is tried once more (%s)',
    async (start) => {
      const lab = await partnerLab(WITH_GRACE, start);
      const told: string[] = [];
      expect(await change(lab, both(asked(told), first('lost-after', 'login')))).toMatchObject({ outcome: 'promoted' });
      const [to] = told.filter((name) => name.startsWith('login'));
      expect(told).toEqual(['change', to, to]);
      await judged(lab, 'lost');
    },
  );

  test('a vendor that is away leaves the try to this process, for as long as it runs', async () => {
    const lab = await partnerLab(WITH_GRACE, 'due');
    const context = lab.context(faulty((effect) => (verb('login')(effect) && isAway ? 'not-done' : undefined)));
    let isAway = true;
    const version = lab.due();
    for (let n = 0; n < 6; n += 1) {
      expect(await rotate(context, { version, wish: 'none' })).toMatchObject({ outcome: 'waits' });
      lab.world.clock.advance(10 * MINUTE);
    }
    isAway = false;
    expect(await rotate(context, { version, wish: 'none' })).toMatchObject({ outcome: 'promoted' });
    expect(lab.vendor.partner.refused).toEqual({ logins: 0, changes: 0 });
  });

  test('refused twice: the old one works, and a person is called', async () => {
    const lab = await partnerLab(WITH_GRACE, 'due');
    expect(await change(lab, deaf)).toMatchObject({ outcome: 'blocked' });
    expect(lab.vendor.partner.refused).toEqual({ logins: 2, changes: 0 });
    await expect(labPartner(lab, open).login.token()).rejects.toMatchObject({ code: 'own-credential-refused' });
    await recover(lab);
    expect(lab.vendor.partner.refused).toEqual({ logins: 2, changes: 0 });
  });
});

describe('a person who finds it blocked', () => {
  async function blocked(): Promise<Lab> {
    const lab = await partnerLab(AT_ONCE, 'due');
    const { gate, died } = crashAtLogin();
    lab.due();
    await Promise.race([lab.rotate({}, gate), died]);
    await recover(lab);
    expect(lab.tags().blocked).toBe('neither the new value nor the current one is accepted');
    return lab;
  }

  test('stores the value that works and clears the block: all goes on, and the staged one is sealed', async () => {
    const lab = await blocked();
    const [works = ''] = lab.vendor.live.keys();
    const hers = personAt(lab).putsValue({ partnerSecret: works });
    personAt(lab).removesTags('rotation:blocked');
    await judged(lab, 'mended');
    expect(lab.tags().blocked).toBeUndefined();
    expect(lab.holder('AWSCURRENT')).not.toBe(lab.holder('AWSPENDING'));
    expect(await labPartner(lab, open).login.token()).toBeDefined();
    expect(lab.tags().proven).toBe(hers);
    expect(lab.vendor.partner.refused.logins).toBe(1);
  });

  test('imports the value that works: the staged one is sealed, the block goes, and one login proves it', async () => {
    const lab = await blocked();
    const [works = ''] = lab.vendor.live.keys();
    const told: string[] = [];
    expect(await imported(lab, works, asked(told))).toMatchObject({ outcome: 'promoted' });
    expect([told, lab.tags().blocked]).toEqual([[`login ${works}`], undefined]);
    await judged(lab, 'imported');
  });

  test('only clears the block, and a try is left: it is made, and may show that the new value works', async () => {
    const lab = await blocked();
    personAt(lab).removesTags('rotation:blocked');
    await judged(lab, 'cleared');
    expect([lab.grantOn('AWSCURRENT'), lab.tags().blocked]).toEqual(['grant-2', undefined]);
    expect(lab.vendor.partner.refused.logins).toBe(1);
  });

  test('only clears the block, and no try is left: blocked again, without a login', async () => {
    const lab = await partnerLab(WITH_GRACE, 'due');
    await change(lab, deaf);
    lab.world.clock.advance(10 * MINUTE);
    personAt(lab).removesTags('rotation:blocked');
    await recover(lab);
    expect(lab.tags().blocked).toMatch(/^the new value was refused twice/);
    expect(lab.vendor.partner.refused).toEqual({ logins: 2, changes: 0 });
  });
});

describe('settling and compromise', () => {
  test('the old one is settled without a call when the grace of the vendor is over', async () => {
    const lab = await partnerLab(WITH_GRACE, 'due');
    await change(lab);
    lab.world.clock.advance(2 * DAY);
    const told: string[] = [];
    expect(await lab.settle({}, asked(told))).toMatchObject({ outcome: 'settled', reason: 'ended-by-the-vendor' });
    expect(told).toEqual([]);
  });

  test('a second change waits for the grace of the first', async () => {
    const lab = await partnerLab(WITH_GRACE, 'due');
    await change(lab);
    lab.world.clock.advance(2 * 60 * MINUTE);
    expect(await lab.rotate({ wish: 'normal' })).toMatchObject({ outcome: 'waits', reason: 'previous-in-grace' });
  });

  test('but not where it is compromised: the old one dies at once, and the one before is settled', async () => {
    const lab = await partnerLab(WITH_GRACE, 'due');
    await change(lab);
    lab.world.clock.advance(2 * 60 * MINUTE);
    await compromise(lab);
    expect(await change(lab)).toMatchObject({ outcome: 'promoted' });
    expect([...lab.vendor.live.keys()]).toEqual(['grant-3']);
    await judged(lab, 'compromised');
    expect(lab.tags().revoked).toEqual([lab.holder('AWSPREVIOUS')]);
  });
});

describe('the first value', () => {
  test.each(['missing', 'empty'])('is imported, never chosen: the secret is %s', async (there) => {
    const lab = rotationLab({ ...AT_ONCE, policy: { create: true } });
    const Name = lab.credential.secretName;
    if (there === 'empty')
      lab.world.aws.CreateSecret({ Name, ClientRequestToken: 'a-token-that-somebody-else-has-chosen' });
    expect(await lab.rotate()).toMatchObject({ reason: 'first-value-comes-by-import' });
    expect([lab.vendor.live.size, lab.holder('AWSPENDING')]).toEqual([0, undefined]);
  });
});

describe('an imported value', () => {
  /** The vendor's secret was changed in its portal, and AWSCURRENT is dead. */
  async function changedElsewhere(): Promise<Lab> {
    const lab = await partnerLab(AT_ONCE, 'young');
    lab.vendor.partner.change({ from: 'grant-1', to: 'grant-7', immediate: true });
    lab.due();
    return lab;
  }

  test('logs in by its first try, and is promoted; the vendor is told nothing', async () => {
    const lab = await changedElsewhere();
    const told: string[] = [];
    expect(await imported(lab, 'grant-7', asked(told))).toMatchObject({ outcome: 'promoted', reason: 'verified' });
    expect(told).toEqual(['login grant-7']);
    expect(lab.tags().proven).toBe(lab.holder('AWSCURRENT'));
    await judged(lab, 'imported');
  });

  test('that is refused is given up, and blocks: one login, and no other', async () => {
    const lab = await changedElsewhere();
    expect(await imported(lab, 'grant-8')).toMatchObject({ outcome: 'failed', reason: 'value-refused' });
    expect(lab.tags().blocked).toBe('the imported value was refused - the secret is wrong');
    expect(lab.holder('ROTATION_GIVEN_UP')).toBe(lab.holder('AWSPENDING'));
    await recover(lab);
    expect(lab.vendor.partner.refused).toEqual({ logins: 1, changes: 0 });
  });

  test.each([
    ['the answer to its login is lost', 'lost-after'],
    ['the vendor is away', 'not-done'],
  ] as const)('is finished by whoever finds it where %s', async (_what, fault) => {
    const lab = await changedElsewhere();
    expect(await imported(lab, 'grant-7', first(fault, 'login'))).toMatchObject({
      outcome: 'waits',
      reason: 'login-not-answered',
    });
    await judged(lab, 'imported');
    expect(lab.grantOn('AWSCURRENT')).toBe('grant-7');
    expect(lab.vendor.partner.refused).toEqual({ logins: 0, changes: 0 });
  });

  test('whose logins get no answer twice calls a person', async () => {
    const lab = await changedElsewhere();
    const deaf = faulty((effect) => (verb('login')(effect) ? 'lost-after' : undefined));
    await imported(lab, 'grant-7', deaf);
    lab.world.clock.advance(10 * MINUTE);
    expect(await lab.rotate({}, deaf)).toMatchObject({ outcome: 'blocked' });
    expect(lab.tags().blocked).toBe('the imported value was tried twice and no answer is known');
  });
});

test('a try is created with the label that ordinary logins use, and takes no other', async () => {
  const lab = await partnerLab(AT_ONCE, 'due');
  const { gate, held } = holding(promotes);
  lab.due();
  let tries = 0;
  const counting: Gate = async (effect, perform) => {
    tries += Number(putsTry(effect));
    return gate(effect, perform);
  };
  await Promise.race([held, lab.rotate({}, counting)]);
  expect(tries).toBe(1);
  const labels = lab.world.aws.DescribeSecret({ SecretId: lab.credential.secretName }).VersionIdsToStages ?? {};
  expect(Object.values(labels).flat().sort()).toEqual(['AWSCURRENT', 'AWSPENDING', 'ROTATION_TRY']);
});
