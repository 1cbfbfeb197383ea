import {
  InvariantError,
  OutcomeUnknownError,
  ProviderAuthError,
  ProviderThrottledError,
  ProviderUnavailableError,
  SecretStoreError,
} from '../../src/errors';
import { importValue } from '../../src/import';
import { chosenVerbs } from '../../src/login-tries';
import { rotate } from '../../src/rotation';
import type { Context, Outcome } from '../../src/rotation-context';
import { AwsError } from '../sandbox/secrets-manager/errors';
import { type Gate, holding, open, promotes, putsValue, verb } from '../support/gates';
import { judged } from '../support/judged';
import { AUTH, at, HOUR, MINUTE } from '../support/lab-steps';
import { AT_ONCE, partnerLab, WITH_GRACE } from '../support/partner-situations';
import { personAt } from '../support/person';
import type { Lab } from '../support/rotation-lab';
import { told } from '../support/told';

// A value of our own choice, answer by answer: when the vendor is told of it and when not, what each of the three logins
// leads to, and how long is waited.

type Answer = 'as it is' | 'no' | Error;

/** The vendor's first answers to each question, in turn; then it answers as it is. Says what it was asked, and when. */
function answering(lab: Lab, script: Partial<Record<'change' | 'login', readonly Answer[]>>, inner: Gate = open) {
  const asked: string[] = [];
  const times: number[] = [];
  const met = { change: 0, login: 0 };
  const gate: Gate = async (effect, perform) => {
    const { at: where, name } = effect;
    if (where !== 'vendor' || (name !== 'change' && name !== 'login')) return inner(effect, perform);
    asked.push(name === 'login' ? `login ${effect.input}` : name);
    times.push(lab.world.clock.now());
    const answer = script[name]?.[met[name]] ?? 'as it is';
    met[name] += 1;
    if (answer instanceof Error) throw answer;
    return answer === 'no' ? (false as never) : perform();
  };
  return { asked, times, gate };
}

const rotating = (lab: Lab, context: Context): Promise<Outcome> =>
  rotate(context, { version: lab.due(), wish: 'none' });
const away = () => new ProviderUnavailableError('connection refused');
const lost = () => new OutcomeUnknownError('no answer');
const throttled = () => new ProviderThrottledError('slower', {}, 2 * HOUR);

/** Does this once, when the value has been staged. */
const whenStaged = (does: () => void): Gate => {
  let done = false;
  return async (effect, perform) => {
    const answer = await perform();
    if (putsValue(effect) && !done) {
      done = true;
      does();
    }
    return answer;
  };
};
const deletes = ({ world, credential }: Lab): void =>
  void world.aws.DeleteSecret({ SecretId: credential.secretName, ForceDeleteWithoutRecovery: true });
const tombstoneIn = async (lab: Lab) => lab.world.store().read(lab.credential, lab.holder('AWSPENDING') ?? '');

describe('the vendor is told', () => {
  test('not where somebody has made another version current meanwhile', async () => {
    const lab = await partnerLab(AT_ONCE, 'due');
    const { asked, gate } = answering(
      lab,
      {},
      whenStaged(() => personAt(lab).putsValue({ partnerSecret: 'grant-1' })),
    );
    await rotating(lab, lab.context(gate));
    expect(asked).not.toContain('change');
    const staged = lab.holder('ROTATION_GIVEN_UP') ?? '';
    const content = await lab.world.store().read(lab.credential, staged);
    expect(content).toMatchObject({ is: 'tombstone', because: 'superseded' });
    await judged(lab, 'elsewhere');
  });

  test.each<[string, (lab: Lab) => void, object]>([
    [
      'AWSPENDING was moved back',
      (lab) => personAt(lab).moves('AWSPENDING', lab.holder('AWSCURRENT') ?? ''),
      { outcome: 'waits', reason: 'owner-may-act' },
    ],
    [
      'AWSPENDING was taken away',
      (lab) => personAt(lab).takesAway('AWSPENDING'),
      { outcome: 'waits', reason: 'owner-may-act' },
    ],
    ['it was blocked', (lab) => personAt(lab).tags('rotation:blocked', 'wait'), { outcome: 'blocked', reason: 'wait' }],
    ['the secret was deleted', deletes, { outcome: 'blocked' }],
  ])('not where %s meanwhile', async (_what, does, outcome) => {
    const lab = await partnerLab(AT_ONCE, 'due');
    const { asked, gate } = answering(
      lab,
      {},
      whenStaged(() => does(lab)),
    );
    expect(await rotating(lab, lab.context(gate))).toMatchObject(outcome);
    expect(asked).toEqual([]);
  });

  test('not while somebody logs in; it is given up as not done when it would be too late', async () => {
    const lab = await partnerLab(AT_ONCE, 'due');
    const from = lab.world.clock.now();
    const opens = whenStaged(() => personAt(lab).tags('rotation:login-open', new Date(from).toISOString()));
    const { asked, gate } = answering(lab, {}, opens);
    expect(await rotating(lab, lab.context(gate))).toMatchObject({ outcome: 'waits', reason: 'backing-off' });
    expect(asked).toEqual([]);
    expect(await tombstoneIn(lab)).toMatchObject({ is: 'tombstone', because: 'not-done', failures: 0, undone: 1 });
    const tookMs = lab.world.clock.now() - from;
    expect(tookMs).toBeGreaterThan(4_000);
    expect(tookMs).toBeLessThan(5_200);
    personAt(lab).removesTags('rotation:login-open');
    await judged(lab, 'open');
  });

  test('when the login has ended, which is looked for every half second', async () => {
    const lab = await partnerLab(AT_ONCE, 'due');
    const opens = whenStaged(() => personAt(lab).tags('rotation:login-open', 'now'));
    let looks = 0;
    const closes: Gate = async (effect, perform) => {
      const isLook = effect.name === 'DescribeSecret' && lab.tags().loginOpen;
      looks += isLook ? 1 : 0;
      if (looks === 3) personAt(lab).removesTags('rotation:login-open');
      return opens(effect, perform);
    };
    const { asked, times, gate } = answering(lab, {}, closes);
    const from = lab.world.clock.now();
    expect(await rotating(lab, lab.context(gate))).toMatchObject({ outcome: 'promoted' });
    expect(asked).toEqual(['change', 'login grant-2']);
    expect((times[0] ?? 0) - from).toBeGreaterThan(1_000);
    expect((times[0] ?? 0) - from).toBeLessThan(1_500);
  });

  test.each([
    [4_000, ['change', 'login grant-2'], 'promoted'],
    [5_500, [], 'waits'],
  ])('only within the window of its intent: staged after %i ms', async (ms, expected, outcome) => {
    const lab = await partnerLab(AT_ONCE, 'due');
    const { asked, gate } = answering(
      lab,
      {},
      whenStaged(() => lab.world.clock.advance(ms)),
    );
    expect(await rotating(lab, lab.context(gate))).toMatchObject({ outcome });
    expect(asked).toEqual(expected);
    if (outcome === 'waits') expect(await tombstoneIn(lab)).toMatchObject({ because: 'not-done' });
  });

  test('and whoever comes to it when others may have acted looks at the labels again', async () => {
    const lab = await partnerLab(AT_ONCE, 'due');
    const slow: Gate = async (effect, perform) => {
      if (!verb('change')(effect)) return perform();
      lab.world.clock.advance(33_000);
      throw away();
    };
    const asked: string[] = [];
    await rotating(
      lab,
      lab.context(async (effect, perform) => {
        if (effect.at === 'vendor') asked.push(effect.name);
        return slow(effect, perform);
      }),
    );
    const content = await tombstoneIn(lab);
    expect(content?.is === 'tombstone' && content.because).not.toBe('not-done');
    lab.world.clock.advance(HOUR);
    await judged(lab, 'late');
  });

  test('as long after as the vendor says', async () => {
    const lab = await partnerLab(AT_ONCE, 'due');
    const { gate } = answering(lab, { change: [throttled()] });
    const { outcome, reason, retryAt = 0 } = await rotating(lab, lab.context(gate));
    expect([outcome, reason]).toEqual(['waits', 'backing-off']);
    expect(Math.round((retryAt - lab.world.clock.now()) / MINUTE)).toBe(120);
    expect(await tombstoneIn(lab)).toMatchObject({ because: 'not-done', retryAt });
  });

  test('and a vendor that gives no such word is asked after the usual pause', async () => {
    const lab = await partnerLab(AT_ONCE, 'due');
    const { gate } = answering(lab, { change: [away()] });
    const { retryAt = 0 } = await rotating(lab, lab.context(gate));
    expect(Math.round((retryAt - lab.world.clock.now()) / MINUTE)).toBe(1);
    expect(await tombstoneIn(lab)).not.toHaveProperty('retryAt');
  });

  test('a bug is none of its answers', async () => {
    const lab = await partnerLab(AT_ONCE, 'due');
    const { gate } = answering(lab, { change: [new TypeError('a bug')] });
    await expect(rotating(lab, lab.context(gate))).rejects.toThrow('a bug');
  });

  test('at once that the old value is to die, where that is compromised', async () => {
    for (const compromised of [true, false]) {
      const lab = await partnerLab(WITH_GRACE, 'due');
      if (compromised) personAt(lab).tags(`rotation:compromised:${lab.holder('AWSCURRENT')}`, 'now');
      await rotating(lab, lab.context());
      expect(lab.vendor.live.size).toBe(compromised ? 1 : 2);
    }
  });
});

describe('the logins', () => {
  const WAITS = { outcome: 'waits', reason: 'login-not-answered' };
  const NEITHER = 'neither the new value nor the current one is accepted';
  const TWICE = 'the new value was refused twice or got no answer';
  type Script = Parameters<typeof answering>[1];

  test.each<[string, Script, readonly string[], object]>([
    ['the first works', {}, ['change', 'new'], { outcome: 'promoted', reason: 'verified' }],
    ['the first cannot be made', { login: [away()] }, ['change', 'new'], WAITS],
    [
      'the first is not answered after a change that was: the current one is not asked',
      { login: [lost()] },
      ['change', 'new', 'new'],
      { outcome: 'promoted' },
    ],
    [
      'the first is not answered, nor was the change: the current one is asked',
      { change: [lost()], login: [lost(), 'no'] },
      ['change', 'new', 'old'],
      { outcome: 'blocked', reason: NEITHER },
    ],
    ['the second cannot be made', { change: [lost()], login: ['no', away()] }, ['change', 'new', 'old'], WAITS],
    [
      'the second is not answered: the new one is asked again',
      { change: [lost()], login: ['no', lost(), 'as it is'] },
      ['change', 'new', 'old'],
      { outcome: 'blocked', reason: NEITHER },
    ],
    [
      'the second works: the vendor is told again, and the third works',
      { change: [lost()], login: ['no'] },
      ['change', 'new', 'old', 'change', 'new'],
      { outcome: 'promoted' },
    ],
    [
      'the third cannot be made',
      { change: [lost()], login: ['no', 'as it is', away()] },
      ['change', 'new', 'old', 'change', 'new'],
      WAITS,
    ],
    [
      'the third is refused',
      { change: [lost()], login: ['no', 'as it is', 'no'] },
      ['change', 'new', 'old', 'change', 'new'],
      { outcome: 'blocked', reason: `${TWICE} - the secret is wrong` },
    ],
    [
      'the third is not answered',
      { change: [lost()], login: ['no', 'as it is', lost()] },
      ['change', 'new', 'old', 'change', 'new'],
      { outcome: 'blocked', reason: TWICE },
    ],
    [
      'told again, the vendor refuses',
      { change: [lost(), 'no'], login: ['no'] },
      ['change', 'new', 'old', 'change'],
      { outcome: 'blocked', reason: NEITHER },
    ],
    [
      'told again, the vendor cannot be reached',
      { change: [lost(), away()], login: ['no'] },
      ['change', 'new', 'old', 'change'],
      WAITS,
    ],
    [
      'told again, the vendor gives no answer: the new one is asked all the same',
      { change: [lost(), lost()], login: ['no', 'as it is', 'no'] },
      ['change', 'new', 'old', 'change', 'new'],
      { outcome: 'blocked', reason: `${TWICE} - the secret is wrong` },
    ],
  ])('%s', async (_what, script, expected, outcome) => {
    const lab = await partnerLab(AT_ONCE, 'due');
    const { asked, gate } = answering(lab, script);
    const found = await rotating(lab, lab.context(gate));
    expect(found).toMatchObject(outcome);
    const names = { 'login grant-1': 'old', 'login grant-2': 'new', change: 'change' };
    expect(asked.map((one) => Reflect.get(names, one))).toEqual(expected);
    if (found.outcome === 'waits') expect((found.retryAt ?? 0) - lab.world.clock.now()).toBe(MINUTE);
    expect(lab.tags().blocked).toBe(found.outcome === 'blocked' ? found.reason : undefined);
  });

  test('what the vendor said that it has changed is given time to reach all of it; what it may not have, none', async () => {
    const changed = await partnerLab(AT_ONCE, 'due');
    const first = answering(changed, { login: ['no'] });
    await rotating(changed, changed.context(first.gate));
    expect(first.asked).toEqual(['change', 'login grant-2', 'login grant-1']);
    expect((first.times[2] ?? 0) - (first.times[1] ?? 0)).toBeGreaterThanOrEqual(8_000);
    const unknown = await partnerLab(AT_ONCE, 'due');
    const second = answering(unknown, { change: [lost()], login: ['no'] });
    await rotating(unknown, unknown.context(second.gate));
    expect((second.times[2] ?? 0) - (second.times[1] ?? 0)).toBeLessThan(1_000);
    expect((second.times[4] ?? 0) - (second.times[3] ?? 0)).toBeGreaterThanOrEqual(8_000);
    const never = await partnerLab(AT_ONCE, 'due');
    const third = answering(never, { change: [lost(), lost()], login: ['no', 'as it is', 'no'] });
    await rotating(never, never.context(third.gate));
    expect((third.times[4] ?? 0) - (third.times[3] ?? 0)).toBeLessThan(1_000);
  });

  test('what is found elsewhere before the vendor is told again is left to the next look', async () => {
    const lab = await partnerLab(AT_ONCE, 'due');
    let logins = 0;
    const moves: Gate = async (effect, perform) => {
      const answer = await perform();
      logins += verb('login')(effect) ? 1 : 0;
      if (verb('login')(effect) && logins === 2) personAt(lab).putsValue({ partnerSecret: 'grant-1' });
      return answer;
    };
    const asked: string[] = [];
    const gate: Gate = async (effect, perform) => {
      if (effect.at === 'vendor') asked.push(effect.name);
      if (verb('change')(effect)) throw lost();
      return moves(effect, perform);
    };
    expect(await rotating(lab, lab.context(gate))).toMatchObject({ outcome: expect.any(String) });
    expect(asked.filter((name) => name !== 'ordinary login')).toEqual(['change', 'login', 'login']);
    expect(lab.tags().blocked).toBeUndefined();
    await judged(lab, 'elsewhere');
  });

  test('what is found elsewhere before a login is left to the next look', async () => {
    const lab = await partnerLab(AT_ONCE, 'due');
    const asked: string[] = [];
    const gate: Gate = async (effect, perform) => {
      if (effect.at === 'vendor') asked.push(effect.name);
      if (!verb('change')(effect)) return perform();
      personAt(lab).putsValue({ partnerSecret: 'grant-1' });
      throw lost();
    };
    await rotating(lab, lab.context(gate));
    expect(asked.filter((name) => name !== 'ordinary login')).toEqual(['change']);
    expect(lab.tags().blocked).toBeUndefined();
    await judged(lab, 'elsewhere');
  });

  test('a bug while the vendor is prepared again keeps the second try taken', async () => {
    const lab = await partnerLab(AT_ONCE, 'due');
    const { asked, gate } = answering(lab, { change: [lost()], login: ['no'] });
    const context = lab.context(gate);
    const { chosen } = context.provider;
    if (chosen === undefined) throw new Error('not of our choice');
    let prepared = 0;
    const verbs: typeof chosen = {
      ...chosen,
      prepareChange(credential) {
        prepared += 1;
        return prepared === 2 ? Promise.reject(new TypeError('a bug')) : chosen.prepareChange(credential);
      },
    };
    const run = { ...context, provider: { ...context.provider, chosen: verbs } };
    const version = lab.due();
    await expect(rotate(run, { version, wish: 'none' })).rejects.toThrow('a bug');
    lab.world.clock.advance(10 * MINUTE);
    await rotate(run, { version, wish: 'none' });
    expect(asked.filter((one) => one === 'login grant-1')).toHaveLength(1);
  });

  test('where Secrets Manager is away no try is taken, and the job breaks off', async () => {
    const lab = await partnerLab(AT_ONCE, 'due');
    const { asked, gate } = answering(lab, {});
    const context = lab.context(gate);
    const away = new SecretStoreError('Secrets Manager is away', 'unavailable', true);
    const version = lab.due();
    const store = { ...context.store, takeTry: () => Promise.reject(away) };
    await expect(rotate({ ...context, store }, { version, wish: 'none' })).rejects.toBe(away);
    expect(asked).toEqual(['change']);
    await rotate(context, { version, wish: 'none' });
    await judged(lab, 'away');
  });

  test('a login that could not begin puts back no try: another worker may take it, and then it is spent', async () => {
    const lab = await partnerLab(AT_ONCE, 'due');
    const { asked, gate } = answering(lab, {});
    const context = lab.context(gate);
    const chosen = { ...chosenVerbs(context), login: () => Promise.reject(away()) };
    expect(await rotating(lab, { ...context, provider: { ...context.provider, chosen } })).toMatchObject(WAITS);
    lab.world.clock.advance(10 * MINUTE);
    const dies = holding(verb('login'));
    await Promise.race([dies.held, rotating(lab, lab.context(dies.gate))]);
    lab.world.clock.advance(10 * MINUTE);
    expect(await rotating(lab, context)).toMatchObject({ outcome: 'blocked', reason: NEITHER });
    expect(asked).toEqual(['change', 'login grant-1']);
  });

  test("where the worker's own credential is refused the job breaks off, and keeps its try", async () => {
    const lab = await partnerLab(AT_ONCE, 'due');
    const refused = new ProviderAuthError('the app key is wrong');
    const { asked, gate } = answering(lab, { login: [refused] });
    const context = lab.context(gate);
    await expect(rotating(lab, context)).rejects.toBe(refused);
    lab.world.clock.advance(10 * MINUTE);
    expect(await rotating(lab, context)).toMatchObject({ outcome: 'promoted' });
    expect(asked).toEqual(['change', 'login grant-2', 'login grant-2']);
  });

  test('a vendor that asks for patience has it', async () => {
    const lab = await partnerLab(AT_ONCE, 'due');
    const { gate } = answering(lab, { login: [throttled()] });
    const { reason, retryAt = 0 } = await rotating(lab, lab.context(gate));
    expect([reason, retryAt - lab.world.clock.now()]).toEqual(['login-not-answered', 2 * HOUR]);
  });

  test.each(['change', 'prepare'])(
    'the second try is put back where the vendor could not be told again: %s',
    async (what) => {
      const lab = await partnerLab(AT_ONCE, 'due');
      const { asked, gate } = answering(lab, {
        change: what === 'change' ? [lost(), away()] : [lost()],
        login: ['no'],
      });
      const context = lab.context(gate);
      const { chosen } = context.provider;
      if (chosen === undefined) throw new Error('not of our choice');
      let prepared = 0;
      let released = 0;
      const verbs: typeof chosen = {
        ...chosen,
        async prepareChange(credential) {
          prepared += 1;
          if (what === 'prepare' && prepared === 2) throw away();
          const { send } = await chosen.prepareChange(credential);
          return {
            send,
            release: async () => {
              released += 1;
            },
          };
        },
      };
      const run = { ...context, provider: { ...context.provider, chosen: verbs } };
      const version = lab.due();
      const outcome = await rotate(run, { version, wish: 'none' }).catch((error: Error) => error.message);
      expect(outcome).toEqual(what === 'prepare' ? 'connection refused' : expect.objectContaining(WAITS));
      lab.world.clock.advance(10 * MINUTE);
      expect(await rotate(run, { version, wish: 'none' })).toMatchObject({ outcome: 'promoted' });
      expect(asked.slice(-3)).toEqual(['login grant-1', 'change', 'login grant-2']);
      expect(released).toBe(what === 'prepare' ? 2 : 3);
    },
  );

  test('a value that is proven is promoted without another login', async () => {
    const lab = await partnerLab(AT_ONCE, 'due');
    const { gate, held } = holding(promotes);
    await Promise.race([held, rotating(lab, lab.context(gate))]);
    lab.world.clock.advance(10 * MINUTE);
    const { asked, gate: next } = answering(lab, {});
    expect(await rotating(lab, lab.context(next))).toMatchObject({ outcome: 'promoted', reason: 'verified' });
    expect(asked).toEqual([]);
  });

  test('that it has logged in cannot be written down: it is promoted, and told', async () => {
    const lab = await partnerLab(AT_ONCE, 'due');
    const forbidden: Gate = async (effect, perform) => {
      if (effect.name === 'TagResource') throw new AwsError('AccessDeniedException', 'no');
      return perform();
    };
    const lines = await told(lab.context(forbidden), async (context) =>
      expect(await rotating(lab, context)).toMatchObject({ outcome: 'promoted', reason: 'verified' }),
    );
    expect(lines).toContain(
      `warn step=login version=a-value operation=TagResource secret=${lab.credential.secretName} error=AccessDeniedException failure=access-denied`,
    );
  });

  test('a bug while it is written down is one', async () => {
    const lab = await partnerLab(AT_ONCE, 'due');
    const context = lab.context();
    const store = { ...context.store, tag: () => Promise.reject(new TypeError('a bug')) };
    await expect(rotating(lab, { ...context, store })).rejects.toThrow('a bug');
  });

  test('who has waited for the lock looks first whether somebody else was at it', async () => {
    const lab = await partnerLab(AT_ONCE, 'due');
    const { gate, held } = holding(verb('login'));
    await Promise.race([held, rotating(lab, lab.context(gate))]);
    lab.world.clock.advance(10 * MINUTE);
    const { asked, gate: next } = answering(lab, {});
    const context = lab.context(next);
    const { chosen } = context.provider;
    if (chosen === undefined) throw new Error('not of our choice');
    const alone: typeof chosen.alone = async (work) => {
      if (lab.tags().blocked === undefined && asked.length === 0) {
        lab.world.clock.advance(1);
        personAt(lab).takesAway('ROTATION_GIVEN_UP');
        personAt(lab).moves('AWSPENDING', lab.holder('AWSCURRENT') ?? '');
        personAt(lab).moves('AWSPENDING', staged);
        lab.world.clock.advance(10 * MINUTE);
      }
      return work();
    };
    const staged = lab.holder('AWSPENDING') ?? '';
    let waited = 0;
    const once: typeof chosen.alone = (work) => {
      waited += 1;
      return waited === 1 ? alone(work) : work();
    };
    await rotating(lab, { ...context, provider: { ...context.provider, chosen: { ...chosen, alone: once } } });
    expect(waited).toBe(2); // the first time it was changed since, and nothing was tried
  });

  test('who has waited for the lock, and finds the secret gone, tries nothing', async () => {
    const lab = await partnerLab(AT_ONCE, 'due');
    const { gate, held } = holding(verb('login'));
    await Promise.race([held, rotating(lab, lab.context(gate))]);
    lab.world.clock.advance(10 * MINUTE);
    const { asked, gate: next } = answering(lab, {});
    const context = lab.context(next);
    const verbs = chosenVerbs(context);
    const alone: typeof verbs.alone = (work) => {
      deletes(lab);
      return verbs.alone(work);
    };
    const run = { ...context, provider: { ...context.provider, chosen: { ...verbs, alone } } };
    expect(await rotating(lab, run)).toMatchObject({ outcome: 'blocked' });
    expect(asked).toEqual([]);
  });
});

describe('an imported value', () => {
  const bringing = (lab: Lab, gate: Gate) =>
    importValue(lab.context(gate), { answer: { partnerSecret: 'grant-7' }, expiresAt: undefined });

  test('that is refused blocks, is given up, and counts as no failure of ours', async () => {
    const lab = await partnerLab(AT_ONCE, 'young');
    lab.due();
    const { asked, gate } = answering(lab, {});
    expect(await bringing(lab, gate)).toEqual({ outcome: 'failed', reason: 'value-refused' });
    expect(asked).toEqual(['login grant-7']);
    expect(lab.tags().blocked).toBe('the imported value was refused - the secret is wrong');
    expect(await tombstoneIn(lab)).toMatchObject({ because: 'value-refused', failures: 0, undone: 0 });
  });

  test('without an answer is tried once more, later, and then a person is called', async () => {
    const lab = await partnerLab(AT_ONCE, 'young');
    lab.due();
    const { asked, gate } = answering(lab, { login: [lost(), lost()] });
    expect(await bringing(lab, gate)).toMatchObject({ outcome: 'waits', reason: 'login-not-answered' });
    lab.world.clock.advance(10 * MINUTE);
    const reason = 'the imported value was tried twice and no answer is known';
    expect(await lab.rotate({}, gate)).toMatchObject({ outcome: 'blocked', reason });
    expect(asked).toEqual(['login grant-7', 'login grant-7']);
    expect(lab.tags().blocked).toBe(reason);
  });

  test('that cannot be tried now waits', async () => {
    const lab = await partnerLab(AT_ONCE, 'young');
    lab.due();
    const { gate } = answering(lab, { login: [away()] });
    expect(await bringing(lab, gate)).toMatchObject({ outcome: 'waits', reason: 'login-not-answered' });
    expect(lab.holder('ROTATION_GIVEN_UP')).toBeUndefined();
  });
});

test('a current value that its account cannot read is not changed', async () => {
  const lab = await partnerLab(AT_ONCE, 'due');
  lab.changeEntry({ value: { fields: { other: 'partnerSecret' }, constants: {} } });
  const { asked, gate } = answering(lab, {});
  await expect(rotating(lab, lab.context(gate))).rejects.toMatchObject({
    code: 'stored-value',
    fields: { credential: lab.credential.id },
  });
  expect(asked).toEqual([]);
  expect(lab.holder('AWSPENDING')).toBeUndefined();
});

test('a staged value that its account cannot read is neither tried nor told', async () => {
  const lab = await partnerLab(AT_ONCE, 'due');
  const { gate, held } = holding(verb('change'));
  await Promise.race([held, rotating(lab, lab.context(gate))]);
  lab.world.clock.advance(10 * MINUTE);
  lab.changeEntry({ value: { fields: { other: 'partnerSecret' }, constants: {} } });
  const { asked, gate: next } = answering(lab, {});
  await expect(rotating(lab, lab.context(next))).rejects.toMatchObject({
    code: 'stored-value',
    fields: { version: lab.holder('AWSPENDING') },
  });
  expect(asked).toEqual([]);
});

test('a value that the vendor issues is not of our own choice', async () => {
  const lab = await at(AUTH, 'due');
  expect(() => chosenVerbs(lab.context())).toThrow(InvariantError);
});
