import { NotPermittedError } from '../../src/errors';
import { heldBy } from '../../src/grants';
import type { Provider, VendorAnswer } from '../../src/provider';
import type { Context, Outcome } from '../../src/rotation-context';
import { tag } from '../../src/rotation-tags';
import { type Gate, holding, open, promotes } from '../support/gates';
import { importValue } from '../support/import';
import { DAY } from '../support/lab-steps';
import { valueAged } from '../support/observations';
import { personAt } from '../support/person';
import { recover } from '../support/recovery';
import { type Lab, rotationLab } from '../support/rotation-lab';

// What a person makes and brings: verified, promoted, and the one before left to a person to delete. Crash points: every-point.

const emptyLab = (): Lab => rotationLab({ kind: 'finout-api-token', behaviour: 'overlap' });

function brings(lab: Lab, pair: VendorAnswer, gate: Gate = open): Promise<Outcome> {
  lab.due();
  return importValue(lab.context(gate), pair);
}

const grantOf = (pair: VendorAnswer): string => String(pair.clientId);

/** `grant-1` is past its grace and not settled, `grant-2` is current, and a person has made `grant-3`. */
async function withTwo(): Promise<{ readonly lab: Lab; readonly third: VendorAnswer }> {
  const lab = emptyLab();
  for (let n = 0; n < 2; n += 1) {
    expect(await brings(lab, lab.vendor.byHand())).toMatchObject({ outcome: 'promoted', reason: 'verified' });
    lab.world.clock.advance(2 * DAY);
  }
  return { lab, third: lab.vendor.byHand() };
}

/** The tokens that a person is asked to delete. */
async function toBeDeleted(lab: Lab): Promise<(string | undefined)[]> {
  const context = lab.context();
  return Promise.all(lab.tags().unrevoked.map(async (version) => (await heldBy(context, version)).grant));
}

/** Every live token is current, in its grace, listed for a person, or in a person's hand; none is current and listed. */
async function violations(lab: Lab, inHand: string, afterGrace: boolean): Promise<string[]> {
  const current = lab.grantOn('AWSCURRENT') ?? 'nothing';
  const previous = lab.grantOn('AWSPREVIOUS');
  const settled = lab.tags().revoked.includes(lab.holder('AWSPREVIOUS') ?? '');
  const listed = await toBeDeleted(lab);
  const known = [current, inHand, ...listed, ...(settled || afterGrace ? [] : [previous])];
  const pending = lab.holder('AWSPENDING');
  const ends = (['AWSCURRENT', 'AWSPREVIOUS', 'ROTATION_GIVEN_UP'] as const).map(lab.holder);
  return [
    ...lab.broken,
    ...(lab.vendor.live.has(current) ? [] : [`AWSCURRENT holds ${current}, which is dead`]),
    ...[...lab.vendor.live.keys()].filter((grant) => !known.includes(grant)).map((grant) => `${grant} is on no list`),
    ...(listed.includes(current) ? [`${current} is current, and to be deleted`] : []),
    ...(ends.includes(pending) ? [] : [`AWSPENDING stays on ${pending}`]),
    ...lab.tags().suspects.map(({ rotationId }) => `${rotationId} is suspected`),
  ];
}

/** Sweeps run; the person looks, and brings their token again if it is not there; all is judged, also past the grace. */
async function judgedByHand(lab: Lab, third: VendorAnswer, where: string): Promise<void> {
  await recover(lab);
  const found = await violations(lab, grantOf(third), false);
  if (lab.grantOn('AWSCURRENT') !== grantOf(third)) await brings(lab, third);
  found.push(...(await violations(lab, 'none', false)));
  lab.world.clock.advance(2 * DAY);
  await recover(lab);
  found.push(...(await violations(lab, 'none', true)));
  const end = [lab.grantOn('AWSCURRENT'), [...(await toBeDeleted(lab))].sort()];
  expect({ where, found, end }).toEqual({ where, found: [], end: ['grant-3', ['grant-1', 'grant-2']] });
}

test('no sweep and no job issues one, however old and whatever it is asked', async () => {
  const { lab } = await withTwo();
  lab.world.clock.advance(4000 * DAY);
  await recover(lab);
  for (const wish of ['none', 'normal', 'compromised'] as const) {
    expect(await lab.rotate({ wish })).toMatchObject({ outcome: 'blocked', reason: 'older-than-allowed' });
  }
  expect([...lab.vendor.live.keys()]).toEqual(['grant-1', 'grant-2', 'grant-3']);
  expect(lab.grantOn('AWSCURRENT')).toBe('grant-2');
});

test('an empty secret, and one that is not there, wait for the import', async () => {
  const lab = emptyLab();
  expect(await lab.rotate()).toMatchObject({ outcome: 'blocked', reason: 'first-value-comes-by-import' });
  expect(lab.world.aws.secrets()).toEqual([]);
  lab.world.aws.CreateSecret({
    Name: lab.credential.secretName,
    ClientRequestToken: 'a-token-of-somebody-else-who-made-it',
  });
  expect(await lab.rotate()).toMatchObject({ outcome: 'blocked', reason: 'first-value-comes-by-import' });
  expect(lab.tags().credential).toBeUndefined();
  expect(await brings(lab, lab.vendor.byHand())).toMatchObject({ outcome: 'promoted' });
});

test('a pair that the vendor refuses is given up, and is not in the way of the next one', async () => {
  const { lab, third } = await withTwo();
  expect(await brings(lab, { ...third, clientId: 'grant-99' })).toMatchObject({ outcome: 'failed' });
  expect(lab.grantOn('AWSCURRENT')).toBe('grant-2');
  expect(lab.alarms).not.toContain('attempt-failed'); // whoever brought it is there to see it refused
  await judgedByHand(lab, third, 'after a refused pair');
});

test('one that was replaced, and is brought again, is no longer one to delete', async () => {
  const { lab, third } = await withTwo();
  await brings(lab, third);
  expect(await toBeDeleted(lab)).toEqual(['grant-1']);
  lab.world.clock.advance(2 * DAY);
  await brings(lab, { clientId: 'grant-1', secretKey: 'secret of grant-1' });
  lab.broken.length = 0; // P6 of the model: an older one over a newer, which here a person wanted
  expect(lab.grantOn('AWSCURRENT')).toBe('grant-1');
  expect(await toBeDeleted(lab)).toEqual(['grant-2']);
});

test('a version to delete that Secrets Manager no longer keeps is not in the way of the next one', async () => {
  const { lab, third } = await withTwo();
  const version = valueAged(DAY);
  personAt(lab).tags(`rotation:unrevoked:${version}`, 'made by a person');
  expect(await brings(lab, third)).toMatchObject({ outcome: 'promoted' });
  expect(lab.tags().unrevoked).toContain(version);
});

test('the same pair brought again leaves nothing to delete, and stays compromised', async () => {
  const { lab } = await withTwo();
  const second = { clientId: 'grant-2', secretKey: 'secret of grant-2' };
  await recover(lab);
  await lab.context().store.tag(lab.credential, tag.compromised(lab.due(), lab.world.clock.now()));
  expect(await lab.rotate()).toMatchObject({ outcome: 'blocked', reason: 'compromised' });
  await brings(lab, second);
  await recover(lab);
  expect(await toBeDeleted(lab)).toEqual(['grant-1']);
  expect(await lab.rotate()).toMatchObject({ outcome: 'blocked', reason: 'compromised' });
});

test('one that a person replaced in the console, labels and all, is listed as well', async () => {
  const { lab } = await withTwo();
  personAt(lab).putsValue(lab.vendor.byHand()); // AWSPREVIOUS, not settled yet, loses its label
  await recover(lab);
  expect(lab.grantOn('AWSCURRENT')).toBe('grant-4');
  expect(await toBeDeleted(lab)).toContain('grant-1');
});

test.each([
  ['is listed', false, ['grant-1', 'grant-3']],
  ['is not listed where the current one is the same token', true, ['grant-1']],
])('a staged one whose base is gone %s', async (_, same, listed) => {
  const { lab, third } = await withTwo();
  const { gate, held } = holding(promotes);
  await Promise.race([brings(lab, third, gate), held]);
  personAt(lab).putsValue(same ? third : lab.vendor.byHand());
  await recover(lab);
  expect((await toBeDeleted(lab)).sort()).toEqual(listed);
});

describe('one that the vendor knows and does not let in', () => {
  const refusing = (context: Context, isForbidden: () => boolean): Context => {
    const provider: Provider = {
      ...context.provider,
      verify: (credential, value) =>
        isForbidden() ? Promise.reject(new NotPermittedError('403')) : context.provider.verify(credential, value),
    };
    return { ...context, provider };
  };

  async function forbidden() {
    const { lab, third } = await withTwo();
    lab.due();
    expect(
      await importValue(
        refusing(lab.context(), () => true),
        third,
      ),
    ).toMatchObject({
      outcome: 'blocked',
      reason: 'valid-but-not-permitted',
    });
    return { lab, third };
  }

  test('stays staged, is said to be blocked, and is not promoted by any sweep', async () => {
    const { lab } = await forbidden();
    expect(lab.alarms).toContain('blocked');
    lab.world.clock.advance(2 * DAY);
    await recover(lab); // by now it would be let in
    expect([lab.grantOn('AWSCURRENT'), lab.grantOn('AWSPENDING')]).toEqual(['grant-2', 'grant-3']);
    expect(lab.tags().blocked).toBe('valid-but-not-permitted');
  });

  test('is promoted when a person has let it in and cleared the block', async () => {
    const { lab, third } = await forbidden();
    personAt(lab).removesTags('rotation:blocked');
    await judgedByHand(lab, third, 'let in');
  });

  test('gives way to another that a person brings, and is listed', async () => {
    const { lab } = await forbidden();
    expect(await brings(lab, lab.vendor.byHand())).toMatchObject({ outcome: 'promoted' });
    expect([lab.grantOn('AWSCURRENT'), lab.tags().blocked]).toEqual(['grant-4', undefined]);
    expect((await toBeDeleted(lab)).sort()).toEqual(['grant-1', 'grant-3']);
  });

  test('or to itself, when it is let in by then', async () => {
    const { lab, third } = await forbidden();
    expect(await brings(lab, third)).toMatchObject({ outcome: 'promoted' });
    await judgedByHand(lab, third, 'brought again');
  });
});
