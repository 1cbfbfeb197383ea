import type { ProviderTraits } from '../../src/provider';
import { settle } from '../../src/revocation';
import { rotate } from '../../src/rotation';
import type { Context } from '../../src/rotation-context';
import { Sensitive } from '../../src/sensitive';
import { currentName } from '../../src/situation';
import { grantFields } from '../../src/stored-value';
import type { Credential, Kind } from '../../src/types';
import { credentialOf } from '../support/credentials';
import { type Behaviour, type MemoryVendor, memoryVendor } from '../support/memory-vendor';
import { type MemoryWorld, memoryWorld } from '../support/memory-world';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const TRAITS: Record<Kind, ProviderTraits> = {
  'flinks-outbound-recipient': {
    verifiable: true,
    revocable: false,
    keepsOthers: false,
    replacesInPlace: true,
    suspectUntil: (at) => at + DAY,
  },
  'flinks-auth-secret': {
    verifiable: false,
    revocable: true,
    keepsOthers: false,
    replacesInPlace: false,
    suspectUntil: () => 'never',
  },
  'finicity-access-key': {
    verifiable: false,
    revocable: true,
    keepsOthers: true,
    replacesInPlace: false,
    suspectUntil: (_at, ends) => ends ?? 'never',
  },
};

interface Run {
  readonly world: MemoryWorld;
  readonly vendor: MemoryVendor;
  readonly credential: Credential;
}

/** Stops the run for ever at its n-th effect: before it, or after it with the answer lost. */
function crashing(
  context: Context,
  at: number,
  after: boolean,
): { context: Context; died: Promise<'died'>; effects: () => number } {
  let n = 0;
  let die: (word: 'died') => void = () => undefined;
  const died = new Promise<'died'>((resolve) => {
    die = resolve;
  });
  const wrap = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(object, key) {
        const member: unknown = Reflect.get(object, key);
        if (typeof member !== 'function') return member;
        return async (...args: unknown[]) => {
          n += 1;
          const here = n === at;
          if (here && !after) {
            die('died');
            return new Promise(() => undefined);
          }
          const result: unknown = await Reflect.apply(member, object, args);
          if (here) {
            die('died');
            return new Promise(() => undefined);
          }
          return typeof result === 'object' && result !== null && 'issue' in result ? wrap(result) : result;
        };
      },
    });
  const provider = { ...context.provider, ...wrap(context.provider), traits: context.provider.traits };
  const wrapped = wrap({ ...context.provider });
  return {
    context: {
      ...context,
      store: wrap(context.store),
      provider: {
        ...provider,
        prepare: wrapped.prepare,
        verify: wrapped.verify,
        revoke: wrapped.revoke,
        reinstate: wrapped.reinstate,
        traits: context.provider.traits,
      },
    },
    died,
    effects: () => n,
  };
}

async function recover({ world, vendor, credential }: Run): Promise<void> {
  for (let round = 0; round < 12; round += 1) {
    const context = world.context(credential, vendor.provider);
    const seen = await world.store.observe(credential);
    const outcome = await rotate(context, { version: currentName(seen), wish: 'none' });
    await settle(context, { graceEnded: false });
    world.clock.advance(
      outcome.retryAt !== undefined &&
        outcome.retryAt > world.clock.now() &&
        outcome.retryAt < world.clock.now() + 2 * HOUR
        ? outcome.retryAt - world.clock.now()
        : 60_000,
    );
  }
}

function judge({ world, vendor, credential }: Run): string[] {
  const bad: string[] = [];
  const secret = world.aws.secrets().find((s) => s.name === credential.secretName);
  const described = world.aws.DescribeSecret({ SecretId: credential.secretName });
  const stages = described.VersionIdsToStages ?? {};
  const holder = (label: string) => Object.keys(stages).find((v) => stages[v]?.includes(label));
  const held = (label: string) => {
    const id = holder(label);
    if (id === undefined) return {};
    const text = world.aws.GetSecretValue({ SecretId: credential.secretName, VersionId: id }).SecretString ?? '';
    return text.includes('rotation:record') ? {} : grantFields(credential, new Sensitive(text));
  };
  const grantOf = (label: string) =>
    credential.kind === 'flinks-outbound-recipient' ? held(label).secret?.reveal() : held(label).grant;
  const suspects = (described.Tags ?? []).filter(({ Key }) => Key?.startsWith('rotation:suspected-orphan:')).length;
  const current = grantOf('AWSCURRENT');
  const blocked = (described.Tags ?? []).some(({ Key }) => Key === 'rotation:blocked');
  if (current === undefined) bad.push('no AWSCURRENT value');
  else if (!vendor.live.has(current) && suspects === 0) bad.push('AWSCURRENT is dead');
  const allowed = [current, grantOf('AWSPREVIOUS')];
  const leaked = [...vendor.live.keys()].filter((g) => !allowed.includes(g));
  if (leaked.length > suspects) bad.push(`leaked ${leaked.length}, listed ${suspects}`);
  const pending = holder('AWSPENDING');
  if (
    pending !== undefined &&
    pending !== holder('AWSCURRENT') &&
    pending !== holder('AWSPREVIOUS') &&
    pending !== holder('ROTATION_GIVEN_UP')
  )
    bad.push('unfinished');
  if (blocked) bad.push('blocked');
  return secret === undefined ? ['no secret'] : bad;
}

const CASES: readonly [Kind, Behaviour][] = [
  ['flinks-outbound-recipient', 'in-place'],
  ['finicity-access-key', 'overlap'],
  ['flinks-auth-secret', 'overlap'],
  ['flinks-auth-secret', 'same'],
  ['flinks-auth-secret', 'replace'],
];

async function start(kind: Kind, behaviour: Behaviour): Promise<Run> {
  const world = memoryWorld();
  const vendor = memoryVendor(kind, behaviour, TRAITS[kind]);
  return { world, vendor, credential: credentialOf(kind) };
}

const request = async ({ world, credential }: Run) => ({
  version: currentName(await world.store.observe(credential)),
  wish: 'none' as const,
});

describe.each(CASES)('%s whose vendor is %s', (kind, behaviour) => {
  test.each(['new', 'due', 'due again'])(
    'a crash at any effect of a rotation that is %s loses nothing and leaks nothing',
    async (situation) => {
      let points = 0;
      for (let at = 1; ; at += 1) {
        let over = false;
        for (const after of [false, true]) {
          const run = await start(kind, behaviour);
          const rounds = situation === 'new' ? 0 : situation === 'due' ? 1 : 2;
          for (let i = 0; i < rounds; i += 1) {
            expect(
              await rotate(run.world.context(run.credential, run.vendor.provider), await request(run)),
            ).toMatchObject({ outcome: 'promoted' });
            run.world.clock.advance(31 * DAY);
          }
          const { context, died, effects } = crashing(
            run.world.context(run.credential, run.vendor.provider),
            at,
            after,
          );
          const job = await request(run);
          const ended = await Promise.race([rotate(context, job), died]);
          if (ended !== 'died') over = true;
          points += 1;
          void effects;
          await recover(run);
          const bad = judge(run);
          if (bad.length > 0)
            throw new Error(
              `crash ${after ? 'after' : 'before'} effect ${at}: ${bad.join('; ')} [${run.world.calls.slice(-40).join(' ')}]`,
            );
        }
        if (over) break;
      }
      expect(points).toBeGreaterThan(5);
    },
  );
});
