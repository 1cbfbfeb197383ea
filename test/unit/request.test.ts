import { judgeRequest, type RotationRequest } from '../../src/request';
import { type Tags, tag } from '../../src/rotation-tags';
import type { Observation } from '../../src/secret-store';
import type { Policy } from '../../src/types';
import { mappingFingerprint } from '../../src/value-fit';
import { intentId } from '../../src/version-ids';
import { authSecret, finoutToken, partnerSecret } from '../support/credentials';
import { DAY, FOREIGN, HOUR, MINUTE, NOW, observed, valueAged } from '../support/observations';
import { TRAITS } from '../support/traits';
import { virtualClock } from '../support/virtual-clock';

const CURRENT = valueAged(2 * DAY);
const OLD = valueAged(40 * DAY);
type Given = NonNullable<Parameters<typeof observed>[1]> & {
  more?: Tags;
  policy?: Partial<Policy>;
  retired?: boolean;
};

const MAKERS = {
  'flinks-auth-secret': (policy?: Partial<Policy>) => authSecret('acme', policy),
  'finicity-partner-secret': (policy?: Partial<Policy>) => partnerSecret('acme', policy),
  'finout-api-token': (policy?: Partial<Policy>) => finoutToken('prod', policy),
};

async function judge(
  request: Partial<RotationRequest>,
  given: Given | 'missing' = {},
  of: keyof typeof MAKERS = 'flinks-auth-secret',
) {
  const policy = given === 'missing' ? {} : given.policy;
  const isRetired = given !== 'missing' && given.retired === true;
  const credential = { ...MAKERS[of](policy), ...(isRetired ? { retired: { deleteSecret: false } } : {}) };
  const log: string[] = [];
  const seen: Observation | undefined =
    given === 'missing'
      ? undefined
      : observed(credential, {
          current: CURRENT,
          pending: CURRENT,
          tags: { ...tag.credential(credential), ...given.more },
          ...given,
        });
  const verdict = await judgeRequest(
    {
      clock: virtualClock(NOW),
      provider: { traits: TRAITS[of] },
      store: {
        observe: async () => seen,
        tag: async (_credential, tags) => void log.push(...Object.keys(tags)),
      },
      pin: async (version) => void log.push(`pin ${version}`),
    },
    credential,
    { action: 'rotate', urgency: 'normal', ...request },
  );
  return { ...verdict, log };
}

const compromised = { urgency: 'compromised' } as const;
const revoke = { action: 'revoke' } as const;

describe('rotate', () => {
  test('makes the current version due, and pins it into the message before anything else', async () => {
    expect(await judge({})).toEqual({
      outcome: 'accepted',
      version: CURRENT,
      reason: 'enqueued',
      log: [`pin ${CURRENT}`],
    });
  });

  test('a version that the sender named, or that was pinned, is not pinned again', async () => {
    expect(await judge({ version: CURRENT })).toMatchObject({ outcome: 'accepted', log: [] });
  });

  test('is done when another version is current by now: a redelivery cannot rotate twice', async () => {
    expect(await judge({ version: OLD })).toMatchObject({ outcome: 'done', reason: 'another-version-is-current' });
  });

  test('of a secret without a value is pinned to none', async () => {
    expect(await judge({}, 'missing')).toMatchObject({ outcome: 'accepted', version: 'none', log: ['pin none'] });
    const first = intentId('acme');
    expect(await judge(compromised, { current: first, pending: first })).toMatchObject({
      outcome: 'accepted',
      log: ['pin none'],
    });
  });

  test('compromised is written as a tag, after the pin', async () => {
    expect(await judge(compromised)).toMatchObject({
      outcome: 'accepted',
      log: [`pin ${CURRENT}`, `rotation:compromised:${CURRENT}`],
    });
  });

  test.each([
    ['normal', MINUTE, 'refused'],
    ['normal', HOUR, 'accepted'],
    ['compromised', MINUTE, 'refused'],
    ['compromised', HOUR, 'accepted'],
  ] as const)('a %s one on a version that is %d ms old is %s', async (urgency, age, outcome) => {
    const current = valueAged(age);
    const verdict = await judge({ urgency }, { current, pending: current });
    expect(verdict.outcome).toBe(outcome);
    if (outcome === 'refused') {
      expect(verdict.reason).toMatch(/minimum interval.*until 2026-11-21T12:59:00/);
      expect(verdict.log).toEqual([`pin ${current}`]);
    }
  });

  test('each urgency has an interval of its own', async () => {
    const current = valueAged(30 * MINUTE);
    const given = { current, pending: current, policy: { compromisedMinIntervalMs: MINUTE } };
    expect(await judge(compromised, given)).toMatchObject({ outcome: 'accepted' });
    expect(await judge({}, given)).toMatchObject({ outcome: 'refused' });
  });

  test('a normal one while AWSPREVIOUS is in grace is refused, with the date', async () => {
    const current = valueAged(2 * HOUR);
    const given = { current, pending: current, previous: OLD };
    expect(await judge({}, given)).toMatchObject({
      outcome: 'refused',
      reason: expect.stringContaining('in grace until 2026-11-22T10:00:00'),
    });
    expect(await judge(compromised, given)).toMatchObject({ outcome: 'accepted' });
    expect(await judge({}, { ...given, more: tag.revoked(OLD) })).toMatchObject({ outcome: 'accepted' });
    expect(await judge({}, { ...given, policy: { revokeAfter: 'confirmation' } })).toMatchObject({
      reason: expect.stringContaining('send revoke first'),
    });
  });

  test('compromised on a version that has been replaced already ends its grace', async () => {
    const verdict = await judge({ ...compromised, version: OLD }, { previous: OLD });
    expect(verdict).toMatchObject({ outcome: 'done', log: [`rotation:compromised:${OLD}`] });
    expect(await judge({ ...compromised, version: OLD }, { previous: OLD, more: tag.revoked(OLD) })).toMatchObject({
      log: [],
    });
    expect(await judge({ version: OLD }, { previous: OLD })).toMatchObject({ outcome: 'done', log: [] });
  });
});

describe('rollback', () => {
  const rollback = { action: 'rollback' } as const;
  const allowed = { previous: OLD, policy: { rollbackByMessage: true } };

  test('concerns the version that is current at its first receipt', async () => {
    expect(await judge(rollback, allowed)).toEqual({
      outcome: 'accepted',
      version: CURRENT,
      reason: 'enqueued',
      log: [`pin ${CURRENT}`],
    });
    expect(await judge({ ...rollback, version: OLD }, allowed)).toMatchObject({ outcome: 'done', log: [] });
  });

  test('is refused where the policy of the entry does not allow it by message, with the field to set', async () => {
    expect(await judge(rollback, { previous: OLD })).toMatchObject({
      outcome: 'refused',
      reason: 'not by message: its policy lacks rollbackByMessage: true',
    });
  });

  test.each([
    ['there is no value before it', { ...allowed, previous: intentId('acme') }, 'no-value-before-it'],
    [
      'the value before it is compromised',
      { ...allowed, more: tag.compromised(OLD, NOW) },
      'the-value-before-it-is-compromised',
    ],
    [
      'the value before it has expired',
      { ...allowed, previous: valueAged(2 * HOUR, 'x', NOW - MINUTE) },
      'the-value-before-it-has-expired',
    ],
    ['it is blocked', { ...allowed, more: tag.blocked('a reason') }, 'blocked: a reason'],
    [
      'it is suspended',
      { ...allowed, policy: { rollbackByMessage: true, suspendUntil: NOW + HOUR } },
      /^suspended until /,
    ],
  ])('is refused where %s', async (_when, given, reason) => {
    expect(await judge(rollback, given)).toMatchObject({
      outcome: 'refused',
      reason: typeof reason === 'string' ? reason : expect.stringMatching(reason),
    });
  });

  test('is no more frequent than other normal requests', async () => {
    const current = valueAged(MINUTE);
    expect(await judge(rollback, { ...allowed, current, pending: current })).toMatchObject({
      outcome: 'refused',
      reason: expect.stringMatching(/^inside the minimum interval of normal requests, until /),
    });
  });

  test('of a version that was revoked is accepted, since Flinks can enable it again', async () => {
    expect(await judge(rollback, { ...allowed, more: tag.revoked(OLD) })).toMatchObject({ outcome: 'accepted' });
  });
});

describe('revoke', () => {
  test('ends the grace of AWSPREVIOUS', async () => {
    expect(await judge(revoke, { previous: OLD })).toEqual({
      outcome: 'accepted',
      version: OLD,
      reason: 'enqueued',
      log: [`pin ${OLD}`],
    });
  });

  test('of a compromised version survives Redis as a tag', async () => {
    expect(await judge({ ...revoke, ...compromised }, { previous: OLD })).toMatchObject({
      log: [`pin ${OLD}`, `rotation:compromised:${OLD}`],
    });
  });

  test.each([
    ['it is settled', { previous: OLD, more: tag.revoked(OLD) }, 'settled'],
    ['there is none', {}, 'another-version-is-previous'],
  ])('is done when %s', async (_when, given, reason) => {
    expect(await judge({ ...revoke, ...compromised }, given)).toMatchObject({ outcome: 'done', reason });
  });

  test('is done when another version is previous by now', async () => {
    expect(await judge({ ...revoke, version: CURRENT }, { previous: OLD })).toMatchObject({ outcome: 'done', log: [] });
  });
});

describe('refused, and nothing written, not even the pin', () => {
  test.each([
    ["another's value", { current: FOREIGN, pending: FOREIGN, tags: {} }, 'holds-a-value-of-another'],
    ["another's AWSPENDING", { pending: FOREIGN }, 'pending-version-of-another'],
    ["AWS's own rotation", { awsRotation: true }, 'aws-rotation-is-on'],
    ['a removed tag', { tags: {} }, 'tag-removed'],
    ['a secret scheduled for deletion', { scheduledForDeletion: true }, 'secret-scheduled-for-deletion'],
  ] as [string, Given, string][])('%s', async (_what, given, reason) => {
    for (const action of ['rotate', 'revoke', 'rollback'] as const) {
      expect(await judge({ action, ...compromised }, given)).toEqual({ outcome: 'refused', reason, log: [] });
    }
  });

  test('a missing secret that may not be created', async () => {
    const credential = authSecret('acme', { create: false });
    const store = { observe: async () => undefined, tag: () => Promise.reject(new Error('no tag')) };
    const provider = { traits: TRAITS['flinks-auth-secret'] };
    const deps = { clock: virtualClock(NOW), store, provider, pin: () => Promise.reject(new Error('no pin')) };
    expect(await judgeRequest(deps, credential, { action: 'rotate', urgency: 'normal' })).toMatchObject({
      outcome: 'refused',
    });
  });
});

describe.each([
  ['blocked', { more: tag.blocked('five attempts failed') }, /blocked: five attempts failed/],
  ['suspended', { policy: { suspendUntil: NOW + DAY } }, /suspended until 2026-11-22/],
])('%s', (_state, given, reason) => {
  test.each(['rotate', 'revoke'] as const)('a normal %s is refused, a compromised one is noted', async (action) => {
    expect(await judge({ action }, { previous: OLD, ...given })).toMatchObject({
      outcome: 'refused',
      reason: expect.stringMatching(reason),
    });
    expect(await judge({ action, ...compromised }, { previous: OLD, ...given })).toMatchObject({
      outcome: 'accepted',
      reason: expect.stringMatching(reason),
      log: [expect.stringMatching(/^pin/), expect.stringMatching(/^rotation:compromised:/)],
    });
  });
});

describe('the partner secret', () => {
  const ask = (request: Partial<RotationRequest>, given?: Given) => judge(request, given, 'finicity-partner-secret');
  const ITSELF = 'the vendor ends the old one itself, 30 days after the change';

  test.each(['normal', 'compromised'] as const)('its old one cannot be revoked by a message (%s)', async (urgency) => {
    expect(await ask({ ...revoke, urgency }, { previous: OLD })).toMatchObject({
      outcome: 'refused',
      reason: ITSELF,
      log: [`pin ${OLD}`],
    });
  });

  test('nor by the word that it is compromised, once it is replaced', async () => {
    const verdict = await ask({ ...compromised, version: OLD }, { previous: OLD });
    expect(verdict).toMatchObject({ outcome: 'refused', reason: ITSELF, log: [] });
  });

  test('the current one is rotated at once where it is compromised, and waits for the grace of the one before else', async () => {
    expect(await ask(compromised, { previous: OLD })).toMatchObject({ outcome: 'accepted' });
    const grace = { policy: { graceMs: 30 * DAY } };
    expect(await ask({}, { previous: OLD, ...grace })).toMatchObject({
      outcome: 'refused',
      reason: expect.stringContaining("in the vendor's grace until"),
    });
  });

  test('the first one is imported', async () => {
    expect(await ask({}, { current: intentId('acme') })).toMatchObject({
      outcome: 'refused',
      reason: 'the first value comes by rotator import',
    });
  });
});

describe('what has ended', () => {
  test('a retired credential is neither rotated nor revoked by a message, compromised or not', async () => {
    for (const request of [{}, revoke, compromised, { ...revoke, ...compromised }]) {
      expect(await judge(request, { retired: true })).toEqual({
        outcome: 'refused',
        reason: 'retired: its entry says state: retired',
        log: [],
      });
    }
  });

  test('one that was given up as unused comes back by a message, whatever its minimum interval', async () => {
    const more = { ...tag.retired({ version: CURRENT, at: NOW, unused: true }), ...tag.revoked(CURRENT) };
    const policy = { minIntervalMs: 30 * DAY };
    expect(await judge({}, { policy })).toMatchObject({ outcome: 'refused' });
    expect(await judge({}, { policy, more })).toMatchObject({ outcome: 'accepted', version: CURRENT });
  });

  test('an adopted value that does not fit is not rotated by a message; compromised is noted', async () => {
    const mapping = mappingFingerprint(authSecret('acme'));
    const adopted = { ...tag.adopted(FOREIGN, NOW - 9 * DAY), ...tag.unmapped(FOREIGN, mapping, 'why') };
    const given = { current: FOREIGN, pending: FOREIGN, more: adopted };
    expect(await judge({}, given)).toMatchObject({ outcome: 'refused', reason: 'unmapped: why' });
    expect(await judge(compromised, given)).toMatchObject({ outcome: 'accepted', reason: 'noted, and unmapped: why' });
  });
});

describe('of what a person makes', () => {
  const ask = (request: Partial<RotationRequest>, given?: Given | 'missing') =>
    judge(request, given, 'finout-api-token');

  test('a normal message is refused, and says what a person does', async () => {
    expect(await ask({})).toMatchObject({
      outcome: 'refused',
      reason: 'a person has to make a new one in the portal of the vendor: rotator import prod',
      log: [`pin ${CURRENT}`],
    });
  });

  test('compromised is noted, and says that a person is needed', async () => {
    expect(await ask({ urgency: 'compromised' })).toMatchObject({
      outcome: 'accepted',
      reason: 'noted, and a person has to make a new one in the portal of the vendor: rotator import prod',
      log: [`pin ${CURRENT}`, `rotation:compromised:${CURRENT}`],
    });
  });

  test('before the first one there is nothing that could be compromised', async () => {
    expect(await ask({ urgency: 'compromised' }, 'missing')).toMatchObject({ outcome: 'refused', log: ['pin none'] });
  });

  test('a message ends the grace of the one that was replaced', async () => {
    expect(await ask({ action: 'revoke' }, { previous: OLD })).toMatchObject({ outcome: 'accepted', version: OLD });
  });
});
