import type { Provider } from '../../src/provider';
import { rotate } from '../../src/rotation';
import type { Context } from '../../src/rotation-context';
import { AwsError } from '../sandbox/secrets-manager/errors';
import { both, faulty, type Gate, holding, onNth, open, putsValue, verb } from '../support/gates';
import { judged } from '../support/judged';
import { at, DAY, FINICITY, grants, HOUR, OUTBOUND, SAME } from '../support/lab-steps';
import { AT_ONCE, partnerLab } from '../support/partner-situations';
import { personAt } from '../support/person';
import { recover } from '../support/recovery';
import type { Lab } from '../support/rotation-lab';
import { compromise, type VendorCase } from '../support/situations';
import { told } from '../support/told';

// What may still be done with a value that is in memory only, and what is listed of it; and of renewals whose answers were lost.

const EXTENDED: VendorCase = { ...FINICITY, policy: { renewal: 'extend' } };
const OTHER_ID: VendorCase = { ...EXTENDED, behaviour: 'other-id' };

const rotating = (lab: Lab, gate: Gate = open) => rotate(lab.context(gate), { version: lab.due(), wish: 'none' });
const doing = (context: Context, verbs: Partial<Provider>): Context => ({
  ...context,
  provider: { ...context.provider, ...verbs },
});
const noting =
  (asked: string[], inner: Gate = open): Gate =>
  (effect, perform) => {
    if (effect.at === 'vendor') asked.push(effect.name);
    return inner(effect, perform);
  };

describe('a value in memory', () => {
  const never = faulty((effect) => (putsValue(effect) ? 'refused' : undefined));

  /** When each put of it began, in ms after the first. */
  function putting(lab: Lab) {
    const times: number[] = [];
    const gate: Gate = (effect, perform) => {
      if (putsValue(effect)) times.push(lab.world.clock.now());
      return never(effect, perform);
    };
    return { gate, puts: () => times.map((ms) => ms - (times[0] ?? 0)) };
  }

  test('that cannot be stored is put again for an hour, after pauses that double up to half a minute', async () => {
    const lab = await at(FINICITY, 'due');
    const { gate, puts } = putting(lab);
    await rotating(lab, gate);
    expect(puts().slice(0, 9)).toEqual([0, 500, 1_500, 3_500, 7_500, 15_500, 31_500, 61_500, 91_500]);
    expect(puts().at(-2)).toBeLessThan(HOUR);
    expect(puts().at(-1)).toBeGreaterThan(HOUR);
  });

  test('of our own choice that cannot be stored is put again for five seconds: another is chosen as easily', async () => {
    const lab = await partnerLab(AT_ONCE, 'due');
    const { gate, puts } = putting(lab);
    expect(await rotating(lab, gate)).toEqual({ outcome: 'failed', reason: 'value-not-stored' });
    expect(puts()).toEqual([0, 500, 1_500, 3_500, 7_500]);
  });

  test('that a bug keeps from being stored is not put again', async () => {
    const lab = await at(FINICITY, 'due');
    const context = lab.context();
    let puts = 0;
    const putValue = async () => {
      puts += 1;
      throw new TypeError('a bug');
    };
    const run = { ...context, store: { ...context.store, putValue } };
    await expect(rotate(run, { version: lab.due(), wish: 'none' })).rejects.toThrow('a bug');
    expect(puts).toBe(1);
  });

  test.each([
    ['is not answered', 'lost-before'],
    ['cannot be sent', 'not-done'],
  ] as const)('that cannot be stored, and whose revocation %s, is listed with its grant', async (_what, fault) => {
    const gate = faulty(onNth(1, fault, verb('revoke')));
    const lab = await at(FINICITY, 'due');
    expect(await rotating(lab, both(gate, never))).toEqual({ outcome: 'failed', reason: 'value-not-stored' });
    expect(lab.tags().suspects).toHaveLength(1);
    expect(suspectTag(lab)).toMatch(/ grant grant-2$/);
  });

  test('that cannot be stored, and is not revoked, is listed with its grant', async () => {
    const lab = await at(FINICITY, 'due');
    const given: unknown[] = [];
    const context = doing(lab.context(never), {
      revoke: async (_credential, { grant }, { current, repeated }) => {
        given.push({ grant, current: current?.grant, repeated });
        return { outcome: 'not-revoked', reason: '404' };
      },
    });
    expect(await rotate(context, { version: lab.due(), wish: 'none' })).toMatchObject({ outcome: 'failed' });
    expect(given).toEqual([{ grant: 'grant-2', current: 'grant-1', repeated: false }]);
    expect(suspectTag(lab)).toMatch(/ grant grant-2$/);
    expect(lab.world.calls).not.toContain('UntagResource');
  });

  test('that cannot be stored, and of which a put was left without an answer, is not revoked: it may be there', async () => {
    const lab = await at(FINICITY, 'due');
    const asked: string[] = [];
    const silent = faulty((effect) => (putsValue(effect) ? 'lost-before' : undefined));
    expect(await rotating(lab, noting(asked, silent))).toEqual({ outcome: 'failed', reason: 'value-not-stored' });
    expect(asked).toEqual(['issue']);
    expect(suspectTag(lab)).toMatch(/ grant grant-2$/);
  });

  test('that cannot be stored, and is held by AWSCURRENT as well, is neither revoked nor listed', async () => {
    const lab = await at({ ...FINICITY, behaviour: 'same' }, 'due');
    const asked: string[] = [];
    await rotating(lab, noting(asked, never));
    expect(asked).toEqual(['issue']);
    expect(lab.tags().suspects).toEqual([]);
  });

  test('that cannot be stored, and does not tell its grant, is listed without it', async () => {
    const lab = await at(FINICITY, 'due');
    lab.changeEntry({ value: { fields: { proof: 'proof' }, constants: {} } });
    const asked: string[] = [];
    await rotating(lab, noting(asked, never));
    expect(asked).toEqual(['issue']);
    expect(suspectTag(lab)).not.toMatch(/grant/);
  });

  test('that was revoked from memory takes the suspicion with it', async () => {
    const lab = await at(FINICITY, 'due');
    const { gate, held, release } = holding(putsValue);
    const ended = rotating(lab, gate);
    await held;
    lab.world.clock.advance(HOUR);
    await lab.rotate();
    expect(lab.tags().suspects).toHaveLength(1);
    release();
    expect(await ended).toEqual({ outcome: 'failed', reason: 'given-up-by-another-worker' });
    expect(lab.tags().suspects).toEqual([]);
    expect(grants(lab)).toEqual(['grant-1']);
  });

  test('that was given up by another, and cannot be revoked now, is listed with its grant', async () => {
    const lab = await at(FINICITY, 'due');
    const { gate, held, release } = holding(putsValue);
    const ended = rotating(lab, both(faulty(onNth(1, 'not-done', verb('revoke'))), gate));
    await held;
    lab.world.clock.advance(HOUR);
    await lab.rotate();
    release();
    expect(await ended).toEqual({ outcome: 'failed', reason: 'given-up-by-another-worker' });
    expect(suspectTag(lab)).toMatch(/ grant grant-2$/);
  });

  test('that a person brought is never suspected', async () => {
    const lab = await at(OUTBOUND, 'on demand');
    const { gate, held, release } = holding(putsValue);
    const ended = lab.import(lab.vendor.byHand(), gate);
    await held;
    lab.world.clock.advance(HOUR);
    await lab.rotate({ version: 'another' });
    release();
    expect(await ended).toEqual({ outcome: 'failed', reason: 'given-up-by-another-worker' });
    expect(lab.tags().suspects).toEqual([]);
  });

  test('that may have killed AWSCURRENT only now is suspected from now on, and AWSCURRENT is tried', async () => {
    const lab = await at(OUTBOUND, 'due');
    const { gate, held, release } = holding(putsValue);
    const lines = told(lab.context(gate), (context) => rotate(context, { version: lab.due(), wish: 'none' }));
    await held;
    lab.world.clock.advance(HOUR);
    await lab.rotate({ version: 'another' });
    release();
    expect(await lines).toContain(
      'warn step=stage rotation=a-rotation grant=undefined reason=given-up-by-another-worker',
    );
    const [suspect] = lab.tags().suspects;
    const until = typeof suspect?.until === 'number' ? suspect.until : 0;
    expect(Math.round((until - lab.world.clock.now()) / HOUR)).toBe(24);
    await judged(lab, 'late');
  });

  test.each([
    ['the grant that was renewed', EXTENDED, 0],
    ['another grant', OTHER_ID, 1],
  ])('of a renewal that cannot be stored is listed only where it is %s', async (_what, vendor, listed) => {
    const lab = await at(vendor, 'due');
    expect(await rotating(lab, never)).toMatchObject({ outcome: 'failed' });
    expect(lab.tags().suspects).toHaveLength(listed);
    expect(lab.vendor.live.has('grant-1')).toBe(true);
  });

  test('of a renewal is listed where nobody can say whether its grant is known', async () => {
    const lab = await at(EXTENDED, 'due');
    let stored = false;
    const blind: Gate = async (effect, perform) => {
      stored ||= putsValue(effect);
      if (stored && effect.name === 'GetSecretValue') throw new AwsError('AccessDeniedException', 'no');
      return perform();
    };
    await rotating(lab, both(blind, never));
    expect(lab.tags().suspects).toHaveLength(1);
  });

  test('of a vendor that may have answered with the grant of AWSCURRENT is never revoked', async () => {
    const lab = await at(SAME, 'due');
    const asked: string[] = [];
    await rotating(lab, noting(asked, never));
    expect(asked).toEqual(['issue']);
    expect(suspectTag(lab)).toMatch(/ grant grant-1$/);
  });

  const suspectTag = (lab: Lab): string | undefined =>
    lab.world.aws
      .DescribeSecret({ SecretId: lab.credential.secretName })
      .Tags?.find(({ Key }) => Key?.startsWith('rotation:suspected-orphan:'))?.Value;
});

describe('a renewal that is answered with another grant', () => {
  test('lists those of the same version that were lost before it, and no other attempt', async () => {
    const lab = await at(OTHER_ID, 'due');
    for (const fault of ['lost-before', 'refused', 'lost-before'] as const) {
      await rotating(lab, faulty(onNth(1, fault, verb('renew'))));
      lab.world.clock.advance(HOUR);
    }
    expect(lab.tags().suspects).toEqual([]);
    expect(await rotating(lab)).toMatchObject({ outcome: 'promoted' });
    expect(lab.tags().suspects).toHaveLength(2);
    personAt(lab).removesTags(
      ...lab.tags().suspects.map(({ rotationId }) => `rotation:suspected-orphan:${rotationId}`),
    );
    lab.world.clock.advance(2 * DAY);
    await recover(lab);
    lab.world.clock.advance(31 * DAY);
    await rotating(lab, faulty(onNth(1, 'refused', verb('renew'))));
    lab.world.clock.advance(HOUR);
    expect(await rotating(lab)).toMatchObject({ outcome: 'promoted' });
    expect(lab.tags().suspects).toEqual([]); // those of the version before are no matter of this one
  });

  test('and an issue lists none of them', async () => {
    const lab = await at(OTHER_ID, 'due');
    await rotating(lab, faulty(onNth(1, 'lost-before', verb('renew'))));
    lab.world.clock.advance(HOUR);
    await compromise(lab);
    expect(await rotating(lab)).toMatchObject({ outcome: 'promoted' });
    expect(lab.tags().suspects).toEqual([]);
  });
});
