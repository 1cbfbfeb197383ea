import { ProviderUnavailableError } from '../../src/errors';
import type { Provider, Revocation } from '../../src/provider';
import { settle } from '../../src/revocation';
import { rotate } from '../../src/rotation';
import type { Context } from '../../src/rotation-context';
import { tag } from '../../src/rotation-tags';
import { faulty, type Gate, holding, onNth, open, promotes, putsIntent, verb } from '../support/gates';
import { judged } from '../support/judged';
import { AUTH, at, refusedTimes } from '../support/lab-steps';
import { personAt } from '../support/person';
import { recover } from '../support/recovery';
import type { Lab } from '../support/rotation-lab';
import type { VendorCase } from '../support/situations';

// What a revocation may meet: no answer, a refusal, another worker, a vendor that acts on more than it was asked to, a
// person who makes the old version current again meanwhile.

const OUTBOUND: VendorCase = { kind: 'flinks-outbound-recipient', behaviour: 'overlap' };

/** A context whose provider revokes as told. */
function revoking(lab: Lab, revoke: Provider['revoke'], gate: Gate = open): Context {
  const context = lab.context(gate);
  return { ...context, provider: { ...context.provider, revoke } };
}

const answers = (revocation: Revocation) => async () => revocation;
const NOT_REVOKED = answers({ outcome: 'not-revoked', reason: '400 {}' });

test('without an answer it is sent again, and says that it is repeated', async () => {
  const lab = await at(AUTH, 'settling');
  const lost = faulty(onNth(1, 'lost-after', verb('revoke')));
  const first = await settle(lab.context(lost), { graceEnded: false });
  expect(first).toMatchObject({ outcome: 'waits', reason: 'no-answer', retryAt: expect.any(Number) });
  const repeated: boolean[] = [];
  const context = revoking(lab, async (_credential, _old, told) => {
    repeated.push(told.repeated);
    return { outcome: 'revoked' };
  });
  expect(await settle(context, { graceEnded: false })).toMatchObject({ outcome: 'settled', reason: 'revoked' });
  expect(repeated).toEqual([true]);
  await judged(lab, 'repeated');
});

test('where the vendor cannot be reached nothing is written down', async () => {
  const lab = await at(AUTH, 'settling');
  const context = revoking(lab, () => Promise.reject(new ProviderUnavailableError('refused')));
  await expect(settle(context, { graceEnded: false })).rejects.toThrow(ProviderUnavailableError);
  expect(lab.tags().revoking).toEqual([]);
  await judged(lab, 'unreachable');
});

test('what the vendor will not revoke is for a person: settled, tagged, said', async () => {
  const lab = await at(AUTH, 'settling');
  const previous = lab.holder('AWSPREVIOUS') ?? '';
  expect(await settle(revoking(lab, NOT_REVOKED), { graceEnded: false })).toMatchObject({
    outcome: 'settled',
    reason: 'unrevoked',
  });
  expect(lab.tags()).toMatchObject({ revoked: [previous], unrevoked: [previous] });
  expect(lab.alarms).toContain('grant-unrevoked');
});

test('unless another worker has just revoked it: it looks again', async () => {
  const lab = await at(AUTH, 'settling');
  const context = revoking(lab, async () => {
    await lab.settle();
    return { outcome: 'not-revoked', reason: '400 {}' };
  });
  expect(await settle(context, { graceEnded: false })).toMatchObject({ reason: 'revoked-by-another-worker' });
  expect(lab.tags().unrevoked).toEqual([]);
  await judged(lab, 'by another');
});

describe('a vendor that hits AWSCURRENT', () => {
  const hits = answers({ outcome: 'hit-current', reinstated: true });

  test('blocks: nothing is revoked any more until a person has looked', async () => {
    const lab = await at(AUTH, 'settling');
    expect(await settle(revoking(lab, hits), { graceEnded: false })).toMatchObject({ outcome: 'blocked' });
    expect(lab.alarms).toContain('revocation-hit-current');
    const live = [...lab.vendor.live.keys()];
    expect(await lab.settle({ graceEnded: true })).toMatchObject({ outcome: 'blocked' });
    expect([...lab.vendor.live.keys()]).toEqual(live);
    personAt(lab).removesTags('rotation:blocked');
    await judged(lab, 'cleared');
  });

  test('is not asked again to revoke a superseded value: that one is sealed, and for a person', async () => {
    const lab = await at(AUTH, 'due');
    const { gate, held } = holding(promotes);
    lab.due();
    await Promise.race([held, lab.rotate({}, gate)]);
    const staged = lab.holder('AWSPENDING') ?? '';
    personAt(lab).putsValue();
    let asked = 0;
    const context = revoking(lab, async (_credential, { grant }) => {
      if (grant === lab.grantOn('AWSPENDING')) asked += 1;
      return { outcome: 'hit-current', reinstated: true };
    });
    for (let n = 0; n < 3; n += 1) await rotate(context, { version: 'any', wish: 'none' });
    expect(asked).toBe(1);
    expect(lab.tags().unrevoked).toContain(staged);
    expect(lab.holder('AWSPENDING')).toBe(lab.holder('ROTATION_GIVEN_UP'));
  });
});

test('a person who makes the old version current while it is revoked: it is reinstated, and blocked', async () => {
  const lab = await at(AUTH, 'settling');
  const previous = lab.holder('AWSPREVIOUS') ?? '';
  const grant = lab.grantOn('AWSPREVIOUS') ?? '';
  const context = lab.context();
  const provider: Provider = {
    ...context.provider,
    async revoke(...given) {
      const answer = await context.provider.revoke(...given);
      personAt(lab).moves('AWSCURRENT', previous);
      return answer;
    },
  };
  expect(await settle({ ...context, provider }, { graceEnded: false })).toMatchObject({ outcome: 'blocked' });
  expect(lab.vendor.live.has(grant)).toBe(true);
});

test('it is sent only within seconds of the reading of the labels', async () => {
  const lab = await at(AUTH, 'settling');
  const live = [...lab.vendor.live.keys()];
  const slow: Gate = async (effect, perform) => {
    const answer = await perform();
    if (effect.name === 'GetSecretValue') lab.world.clock.advance(3_000);
    return answer;
  };
  expect(await lab.settle({}, slow)).toMatchObject({ outcome: 'waits', reason: 'too-late' });
  expect([...lab.vendor.live.keys()]).toEqual(live);
  await judged(lab, 'too late');
});

test('a grant that AWSCURRENT holds as well is only settled; compromised, that is said', async () => {
  const lab = await at({ kind: 'flinks-auth-secret', behaviour: 'same' }, 'compromised');
  await lab.rotate();
  await lab.rotate();
  expect(await lab.settle()).toMatchObject({ outcome: 'settled', reason: 'provider-did-not-rotate' });
  expect(lab.alarms).toContain('compromised-grant-answered-again');
  await judged(lab, 'same again');
});

test('a value without grant id is never silently skipped', async () => {
  const lab = await at(AUTH, 'due');
  const [SecretId, ClientRequestToken] = [lab.credential.secretName, 'a-token-that-somebody-else-has-chosen'];
  lab.world.aws.PutSecretValue({ SecretId, ClientRequestToken, SecretString: '{"password":"x"}' });
  await lab.rotate();
  lab.world.clock.advance(31 * 24 * 3_600_000);
  lab.due();
  await lab.rotate({ version: ClientRequestToken });
  expect(await lab.settle({ graceEnded: true })).toMatchObject({ reason: 'unrevoked' });
  expect(lab.tags().unrevoked).toEqual([ClientRequestToken]);
});

describe('Flinks Outbound, where nothing can be revoked', () => {
  test('an old secret that still works is said, and the credential is settled all the same', async () => {
    const lab = await at(OUTBOUND, 'settling');
    const previous = lab.holder('AWSPREVIOUS') ?? '';
    expect(await lab.settle()).toMatchObject({ outcome: 'settled', reason: 'old-secret-still-alive' });
    expect(lab.tags()).toMatchObject({ revoked: [previous], stillAlive: [previous] });
    expect(lab.alarms).toContain('old-secret-still-alive');
  });

  test('one that is refused is proven dead; no answer proves nothing, and settles', async () => {
    const dead = await at({ ...OUTBOUND, behaviour: 'in-place' }, 'settling');
    expect(await dead.settle()).toMatchObject({ reason: 'old-secret-is-dead' });
    const mute = await at(OUTBOUND, 'settling');
    expect(await mute.settle({}, faulty(onNth(1, 'not-done', verb('verify'))))).toMatchObject({
      outcome: 'settled',
      reason: 'old-secret-not-proven-dead',
    });
  });

  test('where the vendor answers a compromised one with the same secret again, that is said', async () => {
    const lab = await at({ ...OUTBOUND, behaviour: 'same' }, 'compromised');
    await recover(lab);
    expect(lab.alarms).toContain('compromised-grant-answered-again');
    await judged(lab, 'same again');
  });

  test('it is not tried where the policy says so', async () => {
    const lab = await at({ ...OUTBOUND, policy: { proveDead: false } }, 'settling');
    const tries = faulty((effect) => (verb('verify')(effect) ? 'refused' : undefined));
    expect(await lab.settle({}, tries)).toMatchObject({ reason: 'not-tried' });
  });
});

test('a version that is no longer previous is settled already', async () => {
  const lab = await at(AUTH, 'settling');
  const settled = { outcome: 'done', reason: 'another-version-is-previous' };
  expect(await lab.settle({ version: 'another' })).toEqual(settled);
  const version = lab.holder('AWSPREVIOUS') ?? '';
  personAt(lab).takesAway('AWSPREVIOUS');
  expect(await lab.settle({ version })).toEqual(settled);
});

test('tags that have outlived what they name go when a version is settled', async () => {
  const lab = await at(AUTH, 'settling');
  for (const [key, value] of Object.entries(tag.compromised('gone'.repeat(16), 0))) personAt(lab).tags(key, value);
  await lab.settle();
  expect(lab.tags().compromised.size).toBe(0);
});

test('the tag of a credential that is still retired stays until it names the version that is current now', async () => {
  const lab = await at(AUTH, 'settling');
  lab.changeEntry({ retired: { deleteSecret: false } });
  const before = { version: 'gone'.repeat(16), at: lab.world.clock.now(), unused: false };
  for (const [key, value] of Object.entries(tag.retired(before))) personAt(lab).tags(key, value);
  await lab.rotate();
  expect(lab.tags().retired).toEqual(before);
  await lab.settle();
  expect(lab.tags().retired?.version).toBe(lab.holder('AWSCURRENT'));
});

test('a resumed value that is refused counts on from the failures before it', async () => {
  const lab = await at({ kind: 'flinks-outbound-recipient', behaviour: 'in-place' }, 'due');
  await refusedTimes(lab, 2);
  const { gate, held } = holding(verb('verify'));
  await Promise.race([held, lab.rotate({}, gate)]);
  const context = lab.context();
  const provider: Provider = { ...context.provider, verify: async () => 'refused' };
  await rotate({ ...context, provider }, { version: lab.due(), wish: 'none' });
  const content = await lab.world.store().read(lab.credential, lab.holder('AWSPENDING') ?? '');
  expect(content).toMatchObject({ is: 'tombstone', because: 'value-refused', failures: 3 });
});

test('a new value that the vendor knows only after a while is tried again', async () => {
  const lab = await at({ kind: 'flinks-outbound-recipient', behaviour: 'in-place' }, 'due');
  const context = lab.context();
  let tries = 0;
  const verify: Provider['verify'] = async () => {
    tries += 1;
    return tries < 4 ? 'refused' : 'works';
  };
  const job = { version: lab.due(), wish: 'none' } as const;
  expect(await rotate({ ...context, provider: { ...context.provider, verify } }, job)).toMatchObject({
    outcome: 'promoted',
    reason: 'verified',
  });
});

test('where the owner cannot verify, that is said and not pretended', async () => {
  const lab = await at(AUTH, 'due');
  lab.due();
  expect(await lab.rotate()).toMatchObject({ outcome: 'promoted', reason: 'unverified' });
});

test('an intent that could be written only after the issue window is given up, and nothing is issued', async () => {
  const lab = await at(AUTH, 'due');
  const slow: Gate = async (effect, perform) => {
    if (putsIntent(effect)) lab.world.clock.advance(6_000);
    return perform();
  };
  lab.due();
  expect(await lab.rotate({}, slow)).toMatchObject({ outcome: 'waits', reason: 'backing-off' });
  expect(lab.vendor.live.size).toBe(1);
  expect(lab.tags().suspects).toEqual([]);
  await judged(lab, 'too old');
});
