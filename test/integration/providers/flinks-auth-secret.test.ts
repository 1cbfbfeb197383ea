import {
  OutcomeUnknownError,
  ProviderAuthError,
  ProviderProtocolError,
  ProviderRejectedError,
  ProviderThrottledError,
  ProviderUnavailableError,
} from '../../../src/errors';
import type { GrantFields } from '../../../src/provider';
import { grantFields, toStored } from '../../../src/stored-value';
import {
  type FaultInput,
  missingField,
  successForAnother,
  successWithUnusableSecret,
  wrongCasing,
} from '../../sandbox/faults';
import {
  type AuthSecretBench,
  authSecretBench,
  inDays,
  issued,
  makeBenchDeps,
  noHaste,
} from '../../support/providers/bench';
import type { ErrorClass } from '../../support/providers/fault-part';
import { expectNoSecrets, failureOf } from '../../support/providers/no-secrets';
import { sandboxed } from '../../support/providers/sandboxed';

const GENERATE = 'flinks-data-sharing.generate';
const DISABLE = 'flinks-data-sharing.disable';
const ENABLE = 'flinks-data-sharing.enable';
const KIND = 'flinks-auth-secret';
const UNKNOWN_ID = '22222222-2222-4222-8222-222222222222';

const here = sandboxed<AuthSecretBench>();

function bench(...changes: Parameters<typeof authSecretBench> extends [unknown, ...infer Rest] ? Rest : never) {
  return here.opened(authSecretBench(here.sandbox, ...changes));
}

type Grant = GrantFields & { readonly grant: string };

async function issuedGrant(b: AuthSecretBench): Promise<Grant> {
  const fields = grantFields(b.credential, toStored(b.credential, await issued(b)));
  if (fields.grant === undefined) throw new Error('no grant');
  return { ...fields, grant: fields.grant };
}

const calls = () => {
  const { calls: all } = here.sandbox.control.counters();
  return { generate: all[GENERATE], disable: all[DISABLE], enable: all[ENABLE] };
};
const works = ({ grant, secret }: Grant) =>
  here.sandbox.control.works(KIND, { grantId: grant, secret: secret?.reveal() });
const everySecret = (b: AuthSecretBench) => [
  ...b.secrets,
  ...here.sandbox.control.grants().flatMap(({ secret, grantId }) => [secret, grantId ?? 'no grant id']),
];
const issue = async (b: AuthSecretBench) => (await b.provider.prepare(b.credential, undefined)).issue(noHaste);

describe('generate', () => {
  it.each(['enable', 'DISABLE', ' enable', 'ab', '', '   ', 'acme2', 'acme٣', ' acme', 'acme '])(
    'refuses the partner name %p without a call',
    async (partnerName) => {
      const b = bench();
      const error = await failureOf(b.provider.prepare({ ...b.credential, partnerName }, undefined));
      expect(error).toBeInstanceOf(ProviderRejectedError);
      expect(here.sandbox.control.requests()).toEqual([]);
    },
  );

  it('percent-encodes the partner name as one path segment', async () => {
    const b = bench();
    await issued({ ...b, credential: { ...b.credential, partnerName: 'a/../disable?é #' } });
    expect(here.sandbox.control.requests().at(-1)?.path).toContain('/authsecret/a%2F..%2Fdisable%3F%C3%A9%20%23');
    expect(here.sandbox.control.grants({ subject: 'a/../disable?é #', alive: true })).toHaveLength(1);
  });

  it('percent-encodes the customerId too, and sends none that is empty', async () => {
    const odd = bench({}, { ...makeBenchDeps(), env: { CUSTOMER_ID: 'a/b', API_SECRET: 'SYNTH-api' } });
    expect(await failureOf(issue(odd))).toBeInstanceOf(ProviderAuthError);
    expect(here.sandbox.control.requests().at(-1)?.path).toMatch(/^\/v3\/a%2Fb\/partnerdata/);
    const none = bench({ customerId: { env: 'NOT_SET' } });
    const error = await failureOf(none.provider.prepare(none.credential, undefined));
    expect(error).toBeInstanceOf(ProviderAuthError);
    expect(error.message).toContain('NOT_SET');
    expect(calls().generate).toBe(1);
  });

  it.each(['new', 'same', 'same-id-new-secret', 'replace'] as const)(
    '[17] takes whatever well-formed answer a second generate gives: %s',
    async (secondGenerate) => {
      here.sandbox.control.setSwitches({ flinksDataSharing: { secondGenerate } });
      const b = bench();
      const [first, second] = [await issuedGrant(b), await issuedGrant(b)];
      expect(works(second)).toBe(true);
      expect(first.grant === second.grant).toBe(secondGenerate.startsWith('same'));
    },
  );

  it.each([400, 401] as const)('[17] [20] a second generate may be refused with %i INVALID_REQUEST', async (status) => {
    here.sandbox.control.setSwitches({ flinksDataSharing: { secondGenerate: 'error', invalidRequestStatus: status } });
    const b = bench();
    await issued(b);
    const error = await failureOf(issue(b));
    expect(error).toBeInstanceOf(ProviderRejectedError);
    expect(error).toMatchObject({ fields: { status, vendorCode: 'INVALID_REQUEST' } });
    expect(calls().generate).toBe(2);
  });

  it.each(['TOO_MANY_REQUESTS', 'RETRY_LATER'] as const)('[5] [20] a 401 may be throttling: %s', async (flinksCode) => {
    const b = bench();
    here.sandbox.control.addFaults({ kind: 'throttled-401', route: GENERATE, flinksCode });
    expect(await failureOf(issue(b))).toBeInstanceOf(ProviderThrottledError);
    expect([calls().generate, b.deps.reads]).toEqual([1, []]);
  });

  it.each(['pascal', 'camel'] as const)(
    '[22] [24] takes an answer in %s case, and the grant id is found again',
    async (casing) => {
      here.sandbox.control.setSwitches({ flinksDataSharing: { casing } });
      const b = bench();
      const [old, current] = [await issuedGrant(b), await issuedGrant(b)];
      expect(works(current)).toBe(true);
      expect(await b.provider.revoke(b.credential, old, { current, repeated: false })).toEqual({ outcome: 'revoked' });
      expect(await b.provider.reinstate(b.credential, old.grant)).toBe(true);
    },
  );

  const unusable: readonly (readonly [string, FaultInput])[] = [
    ['both casings with different ids', { kind: 'rewrite', route: GENERATE, set: { permissionId: UNKNOWN_ID } }],
    ['both casings with different secrets', { kind: 'rewrite', route: GENERATE, set: { authSecret: 'other' } }],
    ['no PermissionId', missingField(GENERATE, 'PermissionId')],
    ['no AuthSecret', missingField(GENERATE, 'AuthSecret')],
    ['an empty AuthSecret', successWithUnusableSecret(GENERATE, '')],
    ['null for an AuthSecret', successWithUnusableSecret(GENERATE, null)],
    ['a PermissionId that is no UUID', successForAnother(GENERATE, '../enable')],
    ['a third casing', wrongCasing(GENERATE, 'snake')],
  ];
  it.each(unusable)(
    '[3] [22] [25] an answer with %s is an unknown outcome, with its RequestId',
    async (_name, fault) => {
      const b = bench();
      here.sandbox.control.addFaults(fault);
      const error = await failureOf(issue(b));
      expect(error).toBeInstanceOf(ProviderProtocolError);
      if (fault.kind !== 'rewrite' || fault.casing === undefined) {
        expect(error).toMatchObject({ fields: { requestId: expect.stringMatching(/^[\da-f-]{36}$/) } });
      }
      expectNoSecrets(error, everySecret(b));
    },
  );

  it('[22] both casings with the same values are no contradiction', async () => {
    const b = bench();
    const { grant } = await issuedGrant(b);
    here.sandbox.control.setSwitches({ flinksDataSharing: { secondGenerate: 'same' } });
    here.sandbox.control.addFaults({ kind: 'rewrite', route: GENERATE, set: { permissionId: grant } });
    expect((await issuedGrant(b)).grant).toBe(grant);
  });

  it('[25] a lost answer leaves a secret that nobody knows: unknown, and not asked for again', async () => {
    const b = bench();
    here.sandbox.control.addFaults({ kind: 'reset', route: GENERATE, effect: 'done' });
    expect(await failureOf(issue(b))).toBeInstanceOf(OutcomeUnknownError);
    expect(here.sandbox.control.grants({ kind: KIND, alive: true })).toHaveLength(1);
    expect(calls().generate).toBe(1);
  });

  it('[23] is never verified, only said to be unverifiable', () => {
    expect(bench().provider.traits).toMatchObject({ verifiable: false, keepsOthers: false });
    expect(bench().provider.traits.suspectUntil(0, inDays(1))).toBe('never');
  });
});

describe('access', () => {
  it.each(['everywhere', 'on-generate', 'nowhere'] as const)(
    '[18] sends Bearer on all three calls: demanded %s',
    async (apiSecretRequired) => {
      here.sandbox.control.setSwitches({ flinksDataSharing: { apiSecretRequired } });
      const b = bench();
      const { grant } = await issuedGrant(b);
      await b.provider.revoke(b.credential, { grant }, { current: undefined, repeated: false });
      expect(await b.provider.reinstate(b.credential, grant)).toBe(true);
    },
  );

  it('[18] sends the flinks-auth-key where the account has one', async () => {
    here.sandbox.control.setSwitches({ flinksDataSharing: { authKeyRequired: true } });
    expect(await failureOf(issue(bench()))).toBeInstanceOf(ProviderAuthError);
    expect(await issued(bench({ authKey: { env: 'AUTH_KEY' } }))).toHaveProperty('AuthSecret');
  });

  it('[20] ACCESS_DENIED is the account, and is not sent again with the same credentials', async () => {
    const b = bench({}, { ...makeBenchDeps(), env: { API_SECRET: 'wrong-SYNTH' } });
    const error = await failureOf(issue(b));
    expect(error).toBeInstanceOf(ProviderAuthError);
    expect(error).toMatchObject({ fields: { vendorCode: 'ACCESS_DENIED' } });
    expect(calls().generate).toBe(1);
    expectNoSecrets(error, [...b.secrets, 'wrong-SYNTH']);
  });

  it('reads its own secret anew when it was refused, and sends once more: nothing was done before', async () => {
    const deps = makeBenchDeps();
    const b = bench({ apiSecret: { secret: 'own', key: 'api' } }, deps);
    const versions = ['outdated-SYNTH', deps.env.API_SECRET];
    deps.onRead = () => deps.stored.set('own', JSON.stringify({ api: versions.shift() }));
    expect(here.sandbox.control.storedValueWorks(KIND, await issued(b))).toBe(true);
    expect([deps.reads.length, calls().generate]).toEqual([2, 2]);
  });

  it('does not send once more when the issue window is over', async () => {
    const deps = makeBenchDeps();
    const b = bench({ apiSecret: { secret: 'own', key: 'api' } }, deps);
    deps.stored.set('own', JSON.stringify({ api: 'outdated-SYNTH' }));
    const prepared = await b.provider.prepare(b.credential, undefined);
    deps.stored.set('own', JSON.stringify({ api: deps.env.API_SECRET }));
    deps.onRead = () => deps.clock.advance(10_000);
    const error = await failureOf(prepared.issue(deps.clock.monotonic() + 5_000));
    expect(error).toBeInstanceOf(ProviderUnavailableError);
    expect([calls().generate, here.sandbox.control.grants()]).toEqual([1, []]);
  });

  it('nothing was done where its own secret cannot be read anew', async () => {
    const deps = makeBenchDeps();
    const b = bench({ apiSecret: { secret: 'own', key: 'api' } }, deps);
    deps.stored.set('own', JSON.stringify({ api: 'outdated-SYNTH' }));
    const prepared = await b.provider.prepare(b.credential, undefined);
    deps.onRead = () => {
      throw new Error('AWS said SYNTH');
    };
    const error = await failureOf(prepared.issue(noHaste));
    expect(error).toBeInstanceOf(ProviderUnavailableError);
    expectNoSecrets(error, ['SYNTH']);
  });

  const codes: readonly (readonly [number, string, ErrorClass])[] = [
    [401, '', ProviderAuthError],
    [401, '{}', ProviderAuthError],
    [401, '{"FlinksCode":"INVALID_LOGIN"}', ProviderAuthError],
    [403, 'Forbidden', ProviderAuthError],
    [401, '{"FlinksCode":"INVALID_REQUEST"}', ProviderRejectedError],
    [400, '{}', ProviderRejectedError],
    [400, '', ProviderRejectedError],
    [400, '{"FlinksCode":"RETRY_LATER"}', ProviderThrottledError],
    [404, '<html>', ProviderRejectedError],
    [409, '{"FlinksCode":"CARD_IN_USE"}', ProviderRejectedError],
    [400, '{"FlinksCode":"synthetic secret"}', ProviderRejectedError],
  ];
  it.each(codes)(
    '[20] [21] reads %i %s by its FlinksCode first, which may be missing',
    async (status, body, expected) => {
      const b = bench();
      here.sandbox.control.addFaults({ kind: 'answer', route: GENERATE, status, body });
      const error = await failureOf(issue(b));
      expect(error).toBeInstanceOf(expected);
      expectNoSecrets(error, ['synthetic secret']);
    },
  );
});

describe('disable', () => {
  const setUp = async () => {
    const b = bench();
    const [old, current] = [await issuedGrant(b), await issuedGrant(b)];
    return {
      b,
      old,
      current,
      revoke: (repeated = false) => b.provider.revoke(b.credential, old, { current, repeated }),
    };
  };

  it.each([200, 400] as const)(
    '[17] [21] after a lost answer counts as done, answered with %i',
    async (disableRepeated) => {
      here.sandbox.control.setSwitches({ flinksDataSharing: { disableRepeated } });
      const { old, current, revoke } = await setUp();
      here.sandbox.control.addFaults({ kind: 'reset', route: DISABLE, effect: 'done' });
      expect(await failureOf(revoke())).toBeInstanceOf(OutcomeUnknownError);
      expect(await revoke(true)).toEqual({ outcome: 'revoked' });
      expect([works(old), works(current)]).toEqual([false, true]);
    },
  );

  it('[17] [21] a first disable that answers 400 {} was not done', async () => {
    const { old, revoke } = await setUp();
    here.sandbox.control.addFaults({ kind: 'answer', route: DISABLE, status: 400, body: '{}' });
    expect(await revoke()).toMatchObject({ outcome: 'not-revoked' });
    expect(works(old)).toBe(true);
  });

  it.each([
    [400, '{"FlinksCode":"INVALID_REQUEST"}'],
    [400, ''],
    [400, '<html>'],
    [404, '{}'],
  ])('[21] only 400 {} counts as done to a repeated disable: not %i %s', async (status, body) => {
    const { revoke } = await setUp();
    here.sandbox.control.addFaults({ kind: 'answer', route: DISABLE, status, body });
    expect(await revoke(true)).toMatchObject({ outcome: 'not-revoked' });
  });

  it('[17] a vendor that replaced the old secret already: its 400 {} is for a person, its 200 is done', async () => {
    here.sandbox.control.setSwitches({ flinksDataSharing: { secondGenerate: 'replace', disableRepeated: 400 } });
    const { revoke } = await setUp();
    expect(await revoke()).toMatchObject({ outcome: 'not-revoked' });
    here.sandbox.control.setSwitches({ flinksDataSharing: { disableRepeated: 200 } });
    expect(await revoke()).toEqual({ outcome: 'revoked' });
  });

  it.each(['same', 'same-id-new-secret'] as const)(
    '[17] is not sent for an id that AWSCURRENT holds: %s',
    async (secondGenerate) => {
      here.sandbox.control.setSwitches({ flinksDataSharing: { secondGenerate } });
      const { current, revoke } = await setUp();
      expect(await revoke()).toMatchObject({ outcome: 'not-revoked' });
      expect([calls().disable, works(current)]).toEqual([0, true]);
    },
  );

  it('[17] is not sent where AWSCURRENT holds the same secret under another id', async () => {
    const { b, old, current } = await setUp();
    const twin = { ...current, ...(old.secret === undefined ? {} : { secret: old.secret }) };
    const outcome = await b.provider.revoke(b.credential, old, { current: twin, repeated: false });
    expect([outcome.outcome, calls().disable]).toEqual(['not-revoked', 0]);
  });

  it('[17] enables at once what it hit, where the answer names the current id and secret', async () => {
    const { b, old, current, revoke } = await setUp();
    here.sandbox.control.setSwitches({ flinksDataSharing: { disableActsOn: 'partner' } });
    const set = { permissionId: current.grant, authSecret: current.secret?.reveal() ?? '' };
    here.sandbox.control.addFaults({ kind: 'rewrite', route: DISABLE, set });
    expect(await revoke()).toEqual({ outcome: 'hit-current', reinstated: true });
    expect([works(current), calls().enable]).toEqual([true, 1]);
    expect(here.sandbox.control.requests().at(-1)?.path).toMatch(new RegExp(`/enable/${current.grant}$`));
    expect(old.grant).not.toBe(current.grant);
    expect(b.deps.alarms).toEqual([]); // that is for the algorithm to say
  });

  it('[17] an answer that names the current secret under the old id: enables that id first, and goes on until it is back', async () => {
    const { old, current, revoke } = await setUp();
    here.sandbox.control.setSwitches({ flinksDataSharing: { disableActsOn: 'partner' } });
    const authSecret = current.secret?.reveal() ?? '';
    here.sandbox.control.addFaults({ kind: 'rewrite', route: DISABLE, set: { authSecret } });
    expect(await revoke()).toEqual({ outcome: 'hit-current', reinstated: true });
    const enabled = here.sandbox.control
      .requests()
      .slice(-2)
      .map(({ path }) => path.split('/').at(-1));
    expect(enabled).toEqual([old.grant, current.grant]);
    expect(works(current)).toBe(true);
  });

  it('[17] cannot see a vendor that disables the whole partner and names only the old secret', async () => {
    const { current, revoke } = await setUp();
    here.sandbox.control.setSwitches({ flinksDataSharing: { disableActsOn: 'partner' } });
    // The limit of what an answer can tell (providers.md 2.3): the partner notices, and an enable brings it back.
    expect([await revoke(), works(current)]).toEqual([{ outcome: 'revoked' }, false]);
  });

  it('[17] says so where what it hit cannot be enabled again', async () => {
    const { current, revoke } = await setUp();
    const authSecret = current.secret?.reveal() ?? '';
    here.sandbox.control.addFaults(
      { kind: 'rewrite', route: DISABLE, set: { authSecret } },
      { kind: 'error-500', route: ENABLE },
      { kind: 'answer', route: ENABLE, status: 400, body: '{}' },
    );
    expect(await revoke()).toEqual({ outcome: 'hit-current', reinstated: false });
    expect(calls().enable).toBe(2);
  });

  const odd: readonly (readonly [string, FaultInput])[] = [
    ['another id', successForAnother(DISABLE, UNKNOWN_ID)],
    ['another secret', { kind: 'rewrite', route: DISABLE, set: { authSecret: 'another' } }],
    ['no id', missingField(DISABLE, 'permissionId')],
    ['no secret', missingField(DISABLE, 'authSecret')],
    ['two ids', { kind: 'rewrite', route: DISABLE, set: { PermissionId: UNKNOWN_ID } }],
    ['nothing', { kind: 'answer', route: DISABLE, status: 200, body: '{}' }],
  ];
  it.each(odd)('[3] [17] an answer with %s is an unknown outcome', async (_name, fault) => {
    const { b, revoke } = await setUp();
    here.sandbox.control.addFaults(fault);
    const error = await failureOf(revoke());
    expect(error).toBeInstanceOf(ProviderProtocolError);
    expectNoSecrets(error, everySecret(b));
  });

  it.each(['', 'enable', '../x', '22222222-2222-4222-8222-22222222222'])(
    'is not sent for %p, which is no UUID',
    async (grant) => {
      const b = bench();
      const outcome = await b.provider.revoke(b.credential, { grant }, { current: undefined, repeated: false });
      expect(outcome.outcome).toBe('not-revoked');
      expect(await b.provider.reinstate(b.credential, grant)).toBe(false);
      expect(here.sandbox.control.requests()).toEqual([]);
    },
  );

  it('[20] throttling as a 401 is no refusal', async () => {
    const { revoke } = await setUp();
    here.sandbox.control.addFaults({ kind: 'throttled-401', route: DISABLE });
    expect(await failureOf(revoke())).toBeInstanceOf(ProviderThrottledError);
  });

  it('[19] claims no more than that this secret is disabled', async () => {
    const { old, revoke } = await setUp();
    expect([await revoke(), works(old)]).toEqual([{ outcome: 'revoked' }, false]);
  });
});

describe('enable', () => {
  it.each([200, 400] as const)(
    'brings a disabled secret back; one that is enabled already answers %i',
    async (enableRepeated) => {
      here.sandbox.control.setSwitches({ flinksDataSharing: { enableRepeated } });
      const b = bench();
      const old = await issuedGrant(b);
      await b.provider.revoke(b.credential, old, { current: undefined, repeated: false });
      expect([await b.provider.reinstate(b.credential, old.grant), works(old)]).toEqual([true, true]);
      expect(await b.provider.reinstate(b.credential, old.grant)).toBe(enableRepeated === 200);
    },
  );

  it('cannot bring back what the vendor does not know', async () => {
    const b = bench();
    expect(await b.provider.reinstate(b.credential, UNKNOWN_ID)).toBe(false);
  });

  it('[1] a lost answer is an unknown outcome, and is not sent again', async () => {
    const b = bench();
    const { grant } = await issuedGrant(b);
    here.sandbox.control.addFaults({ kind: 'reset', route: ENABLE });
    expect(await failureOf(b.provider.reinstate(b.credential, grant))).toBeInstanceOf(OutcomeUnknownError);
    expect(calls().enable).toBe(1);
  });
});
