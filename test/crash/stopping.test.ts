import { importValue } from '../../src/import';
import { settle } from '../../src/revocation';
import { rollback } from '../../src/rollback';
import { rotate } from '../../src/rotation';
import type { Context, Outcome } from '../../src/rotation-context';
import { type Effect, faulty, type Gate, open, putsValue, verb } from '../support/gates';
import { judged } from '../support/judged';
import { AUTH, at, FINICITY, OUTBOUND } from '../support/lab-steps';
import { AT_ONCE, partnerLab } from '../support/partner-situations';
import { personAt } from '../support/person';
import { recover } from '../support/recovery';
import type { Lab } from '../support/rotation-lab';
import { ROLLBACKS, started } from '../support/situations';

// A process that is stopping begins nothing at a vendor, and leaves what it waits for to whoever comes next.

const STOPPED: Outcome = { outcome: 'waits', reason: 'stopping' };

/** Stops as it comes to the first effect of this kind. */
function stopsAt(applies: (effect: Effect) => boolean, inner: Gate = open) {
  let stopping = false;
  const gate: Gate = (effect, perform) => {
    stopping ||= applies(effect);
    return inner(effect, perform);
  };
  return { gate, stopping: () => stopping };
}

/** Stops once the places in the rate of writes are taken: the last moment before an intent. */
function stopsBeforeIntent(context: Context) {
  let stopping = false;
  const reserved: number[] = [];
  const reserveWrites = async (n: number): Promise<void> => {
    reserved.push(n);
    stopping = true;
  };
  return { reserved, context: { ...context, reserveWrites, stopping: () => stopping } };
}

const stopped = (context: Context): Context => ({ ...context, stopping: () => true });
const changed = (lab: Lab): string[] => lab.world.calls.filter((name) => !/^(Describe|Get|List)/.test(name));
const rotating = (lab: Lab, context: Context) => rotate(context, { version: lab.due(), wish: 'none' });

test.each(['due', 'due, AWSPREVIOUS past its grace'])('a rotation: %s', async (start) => {
  const lab = await at(AUTH, start);
  lab.world.calls.length = 0;
  expect(await rotating(lab, stopped(lab.context()))).toEqual(STOPPED);
  expect(changed(lab)).toEqual([]);
  expect(lab.vendor.live.size).toBe(start === 'due' ? 1 : 2);
});

test('a rotation of a value of our own choice that has not logged in yet: no login proves it', async () => {
  const lab = await partnerLab(AT_ONCE, 'due');
  personAt(lab).removesTags('rotation:proven');
  const asked: string[] = [];
  const gate: Gate = async (effect, perform) => {
    if (effect.at === 'vendor') asked.push(effect.name);
    return perform();
  };
  expect(await rotating(lab, stopped(lab.context(gate)))).toEqual(STOPPED);
  expect(asked).toEqual([]);
});

test.each([
  ['of a value that the vendor issues', () => at(AUTH, 'due'), 3],
  ['of a value of our own choice', () => partnerLab(AT_ONCE, 'due'), 5],
] as const)(
  'a rotation %s, in the last moment before its intent: what was taken is given back',
  async (_what, make, n) => {
    const lab = await make();
    lab.world.calls.length = 0;
    const { context, reserved } = stopsBeforeIntent(lab.context());
    let released = 0;
    const release = async (): Promise<void> => {
      released += 1;
    };
    const { provider } = context;
    const { chosen } = provider;
    const counting = {
      ...provider,
      prepare: async (...given: Parameters<typeof provider.prepare>) => ({
        ...(await provider.prepare(...given)),
        release,
      }),
      ...(chosen === undefined
        ? {}
        : {
            chosen: {
              ...chosen,
              prepareChange: async (...given: Parameters<typeof chosen.prepareChange>) => ({
                ...(await chosen.prepareChange(...given)),
                release,
              }),
            },
          }),
    };
    expect(await rotating(lab, { ...context, provider: counting })).toEqual(STOPPED);
    expect(reserved).toEqual([n]);
    expect(released).toBe(1);
    expect(lab.world.calls).not.toContain('PutSecretValue');
  },
);

test('a revocation, before the vendor is asked', async () => {
  const lab = await at(AUTH, 'settling');
  lab.world.calls.length = 0;
  expect(await settle(stopped(lab.context()), { graceEnded: false })).toEqual(STOPPED);
  expect(changed(lab)).toEqual([]);
  expect(lab.vendor.live.size).toBe(2);
});

test('the end of a credential', async () => {
  const lab = await at(AUTH, 'settling');
  lab.changeEntry({ retired: { deleteSecret: false } });
  lab.world.calls.length = 0;
  expect(await settle(stopped(lab.context()), { graceEnded: false })).toEqual(STOPPED);
  expect(changed(lab)).toEqual([]);
});

test('a rollback', async () => {
  const [start] = Object.values(ROLLBACKS);
  if (start === undefined) throw new Error('no start');
  const lab = await started(AUTH, start);
  lab.world.calls.length = 0;
  expect(await rollback(stopped(lab.context()), { version: lab.holder('AWSCURRENT') ?? '' })).toEqual(STOPPED);
  expect(changed(lab)).toEqual([]);
});

test('an import', async () => {
  const lab = await at(FINICITY, 'due');
  lab.world.calls.length = 0;
  const imported = { answer: lab.vendor.byHand(), expiresAt: undefined };
  expect(await importValue(stopped(lab.context()), imported)).toEqual(STOPPED);
  expect(changed(lab)).toEqual([]);
});

test('a value that does not work yet stays staged for whoever finds it', async () => {
  const lab = await at(OUTBOUND, 'due');
  const notYet: Gate = async (effect, perform) => (verb('verify')(effect) ? ('refused' as never) : perform());
  const { gate, stopping } = stopsAt(verb('verify'), notYet);
  const before = lab.holder('AWSCURRENT');
  expect(await rotating(lab, { ...lab.context(gate), stopping })).toEqual(STOPPED);
  expect(lab.holder('AWSCURRENT')).toBe(before);
  expect(lab.holder('AWSPENDING')).not.toBe(before);
  expect(lab.holder('ROTATION_GIVEN_UP')).toBeUndefined();
  await recover(lab);
  expect(lab.grantOn('AWSCURRENT')).toBe('grant-2');
  await judged(lab, 'stopped');
});

test('a staged value of our own choice is not tried any more', async () => {
  const lab = await partnerLab(AT_ONCE, 'due');
  const lost = faulty((effect) => (verb('change')(effect) ? 'lost-before' : undefined));
  const dies = stopsAt(verb('change'), lost);
  await rotating(lab, {
    ...lab.context(async (effect, perform) => {
      if (verb('login')(effect)) throw new Error('dies');
      return dies.gate(effect, perform);
    }),
  }).catch(() => undefined);
  lab.world.clock.advance(3_600_000);
  const asked: string[] = [];
  const gate: Gate = async (effect, perform) => {
    if (effect.at === 'vendor') asked.push(effect.name);
    return perform();
  };
  expect(await rotating(lab, stopped(lab.context(gate)))).toEqual(STOPPED);
  expect(asked).toEqual([]);
});

test('a value that cannot be stored is put again for fifteen seconds more, and not for an hour', async () => {
  const lab = await at(FINICITY, 'due');
  const never = faulty((effect) => (putsValue(effect) ? 'refused' : undefined));
  const { gate, stopping } = stopsAt(putsValue, never);
  const from = lab.world.clock.now();
  expect(await rotating(lab, { ...lab.context(gate), stopping })).toEqual({
    outcome: 'failed',
    reason: 'value-not-stored',
  });
  const tookMs = lab.world.clock.now() - from;
  expect(tookMs).toBeGreaterThan(15_000);
  expect(tookMs).toBeLessThan(60_000);
});
