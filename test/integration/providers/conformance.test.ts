import {
  InvariantError,
  OutcomeUnknownError,
  ProviderProtocolError,
  ProviderThrottledError,
  ProviderUnavailableError,
} from '../../../src/errors';
import { grantFields, toStored } from '../../../src/stored-value';
import type { Account, Credential } from '../../../src/types';
import { type Sandbox, startSandbox } from '../../sandbox/start';
import type { Operation } from '../../sandbox/vendor-facts/operations';
import {
  accessKeyBench,
  authSecretBench,
  type Bench,
  inDays,
  issued,
  noHaste,
  outboundBench,
  TOO_SLOW_MS,
} from '../../support/providers/bench';
import type { ErrorClass, FaultPart } from '../../support/providers/fault-part';
import { expectNoSecrets, failureOf } from '../../support/providers/no-secrets';
import type { IssuedKind } from '../../support/traits';

type AnyBench = Bench<Credential, Account>;

interface Subject {
  readonly open: (sandbox: Sandbox) => AnyBench;
  readonly issueRoute: Operation;
  readonly revokeRoute?: Operation;
  readonly verifiable: boolean;
}

/** Finout's tokens are issued by a person, and have a file of their own. */
const SUBJECTS: Readonly<Record<IssuedKind, Subject>> = {
  'flinks-outbound-recipient': { open: outboundBench, issueRoute: 'flinks-outbound.regenerate', verifiable: true },
  'flinks-auth-secret': {
    open: authSecretBench,
    issueRoute: 'flinks-data-sharing.generate',
    revokeRoute: 'flinks-data-sharing.disable',
    verifiable: false,
  },
  'finicity-access-key': {
    open: accessKeyBench,
    issueRoute: 'finicity.access-key.generate',
    revokeRoute: 'finicity.access-key.revoke',
    verifiable: false,
  },
};

const ELSEWHERE = 'http://127.0.0.1:9/elsewhere';

/** What may happen to a state-changing call: what the provider must say, and whether the vendor acted all the same. */
const FAULTS: readonly (readonly [string, FaultPart, ErrorClass, boolean])[] = [
  [
    'an answer that takes too long, the call carried out',
    { kind: 'delay', ms: TOO_SLOW_MS, hold: 'answer' },
    OutcomeUnknownError,
    true,
  ],
  [
    'a vendor that takes too long to act',
    { kind: 'delay', ms: TOO_SLOW_MS, hold: 'request' },
    OutcomeUnknownError,
    false,
  ],
  ['a reset before the effect', { kind: 'reset' }, OutcomeUnknownError, false],
  ['a reset after the effect', { kind: 'reset', effect: 'done' }, OutcomeUnknownError, true],
  ['a 500 before the effect', { kind: 'error-500' }, OutcomeUnknownError, false],
  ['a 500 after the effect', { kind: 'error-500', effect: 'done' }, OutcomeUnknownError, true],
  ['a truncated answer', { kind: 'truncated-body' }, OutcomeUnknownError, true],
  ['an HTML page with 200', { kind: 'html-200' }, OutcomeUnknownError, false],
  ['an HTML page with 200 after the effect', { kind: 'html-200', effect: 'done' }, OutcomeUnknownError, true],
  ['a 202', { kind: 'accepted-202', effect: 'done' }, OutcomeUnknownError, true],
  ['a redirect', { kind: 'redirect', location: ELSEWHERE, effect: 'done' }, OutcomeUnknownError, true],
  ['a 307', { kind: 'redirect', status: 307, location: ELSEWHERE }, OutcomeUnknownError, false],
  ['a 408', { kind: 'answer', status: 408, body: '{}' }, OutcomeUnknownError, false],
  ['a 503', { kind: 'answer', status: 503, body: '{}', effect: 'done' }, OutcomeUnknownError, true],
  ['a 429', { kind: 'throttled-429', retryAfter: '7' }, ProviderThrottledError, false],
];

/** Only where the answer has a body. */
const BODY_FAULTS: typeof FAULTS = [
  ['malformed JSON with 200', { kind: 'malformed-json' }, OutcomeUnknownError, true],
  ['an empty 200', { kind: 'answer', status: 200, body: '', effect: 'done' }, OutcomeUnknownError, true],
  ['a JSON list with 200', { kind: 'answer', status: 200, body: '[]', effect: 'done' }, ProviderProtocolError, true],
  ['a JSON text with 200', { kind: 'answer', status: 200, body: '"ok"', effect: 'done' }, ProviderProtocolError, true],
  [
    'an object without any field',
    { kind: 'answer', status: 200, body: '{}', effect: 'done' },
    ProviderProtocolError,
    true,
  ],
  ['a 204 in place of an answer', { kind: 'answer', status: 204, effect: 'done' }, ProviderProtocolError, true],
];

let sandbox: Sandbox;
const opened: AnyBench[] = [];

beforeAll(async () => {
  sandbox = await startSandbox();
});
afterEach(() => {
  expect(sandbox.control.deviations()).toEqual([]);
  for (const { close, deps } of opened.splice(0)) {
    expect(deps.limits.held()).toBe(0); // no place in the rate is kept
    close();
  }
  sandbox.control.reset();
});
afterAll(() => sandbox.stop());

describe.each(Object.entries(SUBJECTS))('%s', (kind, { open, issueRoute, revokeRoute, verifiable }) => {
  const bench = (): AnyBench => {
    const made = open(sandbox);
    opened.push(made);
    return made;
  };
  const calls = (route: Operation): number => sandbox.control.counters().calls[route];
  const effects = (route: Operation): number => sandbox.control.counters().effects[route];
  const allSecrets = ({ secrets }: AnyBench): string[] => [
    'SYNTH', // in everything that the stand-ins make up, but UUIDs
    ...secrets,
    ...sandbox.control.grants().flatMap(({ secret, grantId }) => (grantId === null ? [secret] : [secret, grantId])),
  ];

  it('says which kind it is, and what the algorithm turns on', () => {
    const { provider } = bench();
    expect(provider.kind).toBe(kind);
    expect(provider.traits).toMatchObject({ verifiable, revocable: revokeRoute !== undefined });
  });

  it('gathers what it needs without changing anything, and gives its place back when nothing is issued', async () => {
    const { provider, credential, deps } = bench();
    const prepared = await provider.prepare(credential, inDays(30));
    expect(calls(issueRoute)).toBe(0);
    expect(deps.limits.held()).toBe(1);
    await prepared.release();
    await prepared.release();
    expect(deps.limits.held()).toBe(0);
  });

  it('issues with one call, in the place taken beforehand, and gives back a value that works', async () => {
    const { provider, credential, deps } = bench();
    const prepared = await provider.prepare(credential, inDays(30));
    const taken = deps.limits.taken();
    const answer = await prepared.issue(noHaste);
    expect(deps.limits.taken()).toBe(taken);
    expect([calls(issueRoute), effects(issueRoute)]).toEqual([1, 1]);
    expect(sandbox.control.storedValueWorks(provider.kind, answer)).toBe(true);
  });

  it('gives an answer in which the grant and the secret are found again', async () => {
    const b = bench();
    const fields = grantFields(b.credential, toStored(b.credential, await issued(b)));
    expect(fields.grant === undefined).toBe(revokeRoute === undefined);
    if (kind !== 'finicity-access-key') expect(fields.secret).toBeDefined();
  });

  it('does not send the call when the time in which it may be made is over', async () => {
    const b = bench();
    const prepared = await b.provider.prepare(b.credential, inDays(30));
    const error = await failureOf(prepared.issue(b.deps.clock.monotonic() - 1));
    expect(error).toBeInstanceOf(ProviderUnavailableError);
    expect(calls(issueRoute)).toBe(0);
  });

  it('[1] nothing was done where no connection could be made', async () => {
    const other = await startSandbox();
    const b = open(other);
    const prepared = await b.provider.prepare(b.credential, inDays(30));
    await other.stop();
    const error = await failureOf(prepared.issue(noHaste));
    expect(error).toBeInstanceOf(ProviderUnavailableError);
    expect(error).toMatchObject({ fields: { reason: 'ECONNREFUSED' } });
    expectNoSecrets(error, ['SYNTH', ...b.secrets]);
    b.close();
  });

  it.each([...FAULTS, ...BODY_FAULTS])('[1] [2] [4] [6] issue: %s', async (_name, fault, expected, acted) => {
    const b = bench();
    const prepared = await b.provider.prepare(b.credential, inDays(30));
    sandbox.control.addFaults({ ...fault, route: issueRoute });
    const error = await failureOf(prepared.issue(noHaste));
    expect(error).toBeInstanceOf(expected);
    expect([calls(issueRoute), effects(issueRoute)]).toEqual([1, acted ? 1 : 0]); // never sent twice, no redirect followed
    expect(error.message).toMatch(/^(flinks|finicity)-[a-z-]+ [a-z]+: /);
    expectNoSecrets(error, allSecrets(b));
  });

  it('[5] says how long a throttled call is to wait', async () => {
    const b = bench();
    const prepared = await b.provider.prepare(b.credential, inDays(30));
    sandbox.control.addFaults({ kind: 'throttled-429', route: issueRoute, retryAfter: '7' });
    expect(await failureOf(prepared.issue(noHaste))).toMatchObject({ retryAfterMs: 7_000, retryable: true });
  });

  it.each(['fail', 'hang'] as const)(
    'does not lose an answer to a Redis that is gone: places %s to be given back',
    async (how) => {
      const b = bench();
      const prepared = await b.provider.prepare(b.credential, inDays(30));
      b.deps.limits.loseRedis(how);
      expect(sandbox.control.storedValueWorks(b.provider.kind, await prepared.issue(noHaste))).toBe(true);
    },
  );

  it('refuses the verbs that its kind has not', async () => {
    const { provider, credential } = bench();
    const grant = '22222222-2222-4222-8222-222222222222';
    const context = { current: undefined, repeated: false };
    if (!verifiable) expect(await failureOf(provider.verify(credential, {}))).toBeInstanceOf(InvariantError);
    if (revokeRoute !== undefined) return;
    expect(await failureOf(provider.revoke(credential, { grant }, context))).toBeInstanceOf(InvariantError);
    expect(await provider.reinstate(credential, grant)).toBe(false);
  });

  if (revokeRoute === undefined) return;

  const issuedGrant = async (b: AnyBench) => {
    const fields = grantFields(b.credential, toStored(b.credential, await issued(b)));
    if (fields.grant === undefined) throw new Error('no grant');
    return { ...fields, grant: fields.grant };
  };

  it('revokes the old grant and leaves the current one alone; what is gone is revoked again with success', async () => {
    const b = bench();
    const [old, current] = [await issuedGrant(b), await issuedGrant(b)];
    for (const repeated of [false, true]) {
      expect(await b.provider.revoke(b.credential, old, { current, repeated })).toEqual({ outcome: 'revoked' });
    }
    const alive = sandbox.control.grants({ kind: b.provider.kind, alive: true }).map(({ grantId }) => grantId);
    expect(alive).toEqual([current.grant]);
  });

  it('does not send a revocation when the time in which it may be is over', async () => {
    const b = bench();
    const [old, current] = [await issuedGrant(b), await issuedGrant(b)];
    const context = { current, repeated: false, mayCallUntil: b.deps.clock.monotonic() - 1 };
    const error = await failureOf(b.provider.revoke(b.credential, old, context));
    expect(error).toBeInstanceOf(ProviderUnavailableError);
    expect([calls(revokeRoute), b.deps.limits.held()]).toEqual([0, 0]);
  });

  it.each(FAULTS)('[1] [2] [6] revoke: %s', async (_name, fault, expected, acted) => {
    const b = bench();
    const [old, current] = [await issuedGrant(b), await issuedGrant(b)];
    sandbox.control.addFaults({ ...fault, route: revokeRoute });
    const error = await failureOf(b.provider.revoke(b.credential, old, { current, repeated: false }));
    expect(error).toBeInstanceOf(expected);
    expect([calls(revokeRoute), effects(revokeRoute)]).toEqual([1, acted ? 1 : 0]);
    expectNoSecrets(error, allSecrets(b));
  });
});
