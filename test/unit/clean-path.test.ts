import { Sensitive } from '../../src/sensitive';
import type { Kind } from '../../src/types';
import { parseVersionId } from '../../src/version-ids';
import { type Lab, rotationLab } from '../support/rotation-lab';
import { ISSUED_KINDS, TRAITS } from '../support/traits';

// The promise about calls to Secrets Manager (design, section 7): exact, so that one more shows.

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

async function settledAndOld(kind: Kind): Promise<Lab> {
  const lab = rotationLab({ kind, behaviour: kind === 'flinks-outbound-recipient' ? 'in-place' : 'overlap' });
  for (let n = 0; n < 2; n += 1) {
    await lab.rotate();
    lab.world.clock.advance(31 * DAY);
  }
  await lab.settle();
  lab.world.calls.length = 0;
  return lab;
}

describe.each(ISSUED_KINDS)('%s', (kind) => {
  test('from job to promotion: one Describe, two puts, one move, and no value is read', async () => {
    const lab = await settledAndOld(kind);
    expect(await lab.rotate()).toMatchObject({ outcome: 'promoted' });
    expect(lab.world.calls).toEqual(['DescribeSecret', 'PutSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage']);
  });

  test('the same on demand, when the version is older than an hour', async () => {
    const lab = await settledAndOld(kind);
    await lab.rotate();
    lab.world.clock.advance(DAY + HOUR);
    await lab.settle();
    lab.world.calls.length = 0;
    expect(await lab.rotate({ wish: 'normal' })).toMatchObject({ outcome: 'promoted' });
    expect(lab.world.calls).toHaveLength(4);
  });

  test('a job whose version is no longer current, though the current one is due: one Describe', async () => {
    const lab = await settledAndOld(kind);
    const done = { outcome: 'done', reason: 'another-version-is-current' };
    expect(await lab.rotate({ version: lab.holder('AWSPREVIOUS') ?? '' })).toEqual(done);
    expect(await lab.rotate({ version: 'none', wish: 'normal' })).toEqual(done);
    expect(lab.world.calls).toEqual(['DescribeSecret', 'DescribeSecret']);
  });

  test('to settle: Describe before and after, AWSPREVIOUS and AWSCURRENT read, one tag', async () => {
    const lab = await settledAndOld(kind);
    await lab.rotate();
    lab.world.clock.advance(2 * DAY);
    lab.world.calls.length = 0;
    expect(await lab.settle()).toMatchObject({ outcome: 'settled' });
    const looksAgain = TRAITS[kind].revocable ? ['DescribeSecret'] : []; // nothing was revoked that might be held by now
    expect(lab.world.calls).toEqual([
      'DescribeSecret',
      'GetSecretValue',
      'GetSecretValue',
      ...looksAgain,
      'TagResource',
    ]);
  });

  test('a new secret: one Describe finds it missing, one finds it created', async () => {
    const lab = rotationLab({ kind, behaviour: 'overlap' });
    expect(await lab.rotate()).toMatchObject({ outcome: 'promoted' });
    expect(lab.world.calls).toEqual([
      'DescribeSecret',
      'CreateSecret',
      'DescribeSecret',
      'PutSecretValue',
      'PutSecretValue',
      'UpdateSecretVersionStage',
    ]);
  });
});

describe('a receipt that is extended', () => {
  async function extended(): Promise<Lab> {
    const lab = rotationLab({
      kind: 'finicity-access-key',
      behaviour: 'overlap',
      policy: { renewal: 'extend' },
    });
    await lab.rotate();
    lab.world.clock.advance(31 * DAY);
    lab.world.calls.length = 0;
    return lab;
  }
  const CALLS = ['DescribeSecret', 'GetSecretValue', 'PutSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage'];

  test('from job to promotion: AWSCURRENT is read as well, which names the receipt', async () => {
    const lab = await extended();
    expect(await lab.rotate()).toMatchObject({ outcome: 'promoted' });
    expect(lab.world.calls).toEqual(CALLS);
  });

  test('to settle: nothing is revoked; the intent tells that the receipt was extended', async () => {
    const lab = await extended();
    await lab.rotate();
    lab.world.clock.advance(2 * DAY);
    lab.world.calls.length = 0;
    expect(await lab.settle()).toMatchObject({ outcome: 'settled', reason: 'grant-is-held-by-current' });
    expect(lab.world.calls).toEqual([
      'DescribeSecret',
      'GetSecretValue',
      'GetSecretValue',
      'GetSecretValue',
      'TagResource',
    ]);
  });
});

test('the value is stored verbatim, under an id that tells its age, its end and its base', async () => {
  const lab = await settledAndOld('finicity-access-key');
  const base = lab.holder('AWSCURRENT');
  const from = lab.world.clock.now();
  await lab.rotate();
  const id = lab.holder('AWSCURRENT') ?? '';
  expect(parseVersionId(id)).toMatchObject({ is: 'value', issuedAt: expect.any(Number) });
  const version = parseVersionId(id);
  if (version.is !== 'value') throw new Error('no value');
  expect(version.issuedAt - from).toBeLessThan(1_000);
  expect((version.expiresAt ?? 0) - from).toBeGreaterThan(90 * DAY - 2_000);
  expect(lab.holder('AWSPREVIOUS')).toBe(base);
  const content = await lab.world.store().read(lab.credential, id);
  expect(content).toEqual({ is: 'value', value: expect.any(Sensitive) });
});
