import { faulty, onNth, putsTombstone, putsValue, verb } from '../support/gates';
import { judged } from '../support/judged';
import { AUTH, at, DAY, FINICITY, HOUR, MINUTE, refusedTimes, waitingAt } from '../support/lab-steps';
import { personAt } from '../support/person';
import { recover } from '../support/recovery';
import type { Lab } from '../support/rotation-lab';
import type { VendorCase } from '../support/situations';

// Attempts that fail: how they rest, when they block, what a person clears.

const SecretId = ({ credential }: Lab) => ({ SecretId: credential.secretName });

describe('the bound on attempts', () => {
  const refuses = faulty((effect) => (verb('issue')(effect) ? 'refused' : undefined));

  async function failing(lab: Lab, gate = refuses): Promise<number[]> {
    const pauses: number[] = [];
    for (let n = 0; n < 20; n += 1) {
      lab.due();
      const { outcome, retryAt } = await lab.rotate({}, gate);
      if (outcome === 'blocked') return pauses;
      const pause = (retryAt ?? 0) - lab.world.clock.now();
      pauses.push(Math.round(pause / MINUTE));
      lab.world.clock.advance(pause);
    }
    return pauses;
  }

  test('after failed attempts the next waits 1, 5, 30, 60 minutes; the fifth blocks, with the reason', async () => {
    const lab = await at(AUTH, 'due');
    expect(await failing(lab)).toEqual([1, 5, 30, 60]);
    expect(lab.tags().blocked).toBe('5 attempts failed - the last one: refused');
    expect(lab.alarms.filter((name) => name === 'blocked')).toHaveLength(1);
    expect(lab.alarms.filter((name) => name === 'attempt-failed')).toHaveLength(5);
  });

  test('a person clears the block: the next attempt begins at once, and the count anew', async () => {
    const lab = await at(AUTH, 'due');
    await failing(lab);
    personAt(lab).removesTags('rotation:blocked');
    expect(await failing(lab)).toEqual([1, 5, 30, 60]);
    personAt(lab).removesTags('rotation:blocked');
    await judged(lab, 'cleared');
  });

  test('what was proven not to be done never blocks: the pause grows', async () => {
    const lab = await at(AUTH, 'due');
    const unreachable = faulty((effect) => (verb('issue')(effect) ? 'not-done' : undefined));
    expect((await failing(lab, unreachable)).slice(0, 6)).toEqual([1, 5, 30, 60, 60, 60]);
    expect(lab.tags().blocked).toBeUndefined();
    expect(lab.alarms).not.toContain('attempt-failed');
    await judged(lab, 'reachable again');
  });

  test('a lost answer counts, and a success begins the count anew', async () => {
    const lab = await at(FINICITY, 'due');
    const lost = faulty((effect) => (verb('issue')(effect) ? 'lost-after' : undefined));
    expect(await failing(lab, lost)).toEqual([1, 5, 30, 60]);
    personAt(lab).removesTags(
      'rotation:blocked',
      ...lab.tags().suspects.map((s) => `rotation:suspected-orphan:${s.rotationId}`),
    );
    expect(lab.tags().suspects).toEqual([]);
  });

  test('a dead AWSCURRENT that is not due is healed at the same pace, not in a rush', async () => {
    const lab = await at({ kind: 'flinks-outbound-recipient', behaviour: 'in-place' }, 'on demand');
    const later: (() => unknown)[] = [];
    lab.due();
    await lab.rotate({ wish: 'normal' }, faulty(onNth(1, 'late', verb('issue')), later));
    for (const issue of later) issue();
    lab.world.clock.advance(HOUR);
    const { outcome, reason, retryAt } = await lab.rotate({}, refuses);
    expect({ outcome, reason }).toEqual({ outcome: 'waits', reason: 'backing-off' });
    expect((retryAt ?? 0) - lab.world.clock.now()).toBeGreaterThan(4 * MINUTE);
    await judged(lab, 'healed');
  });

  test('sixty versions in a day: no attempt begins, since the worst moment to meet the quota is after an issue', async () => {
    const lab = await at(AUTH, 'due');
    const unreachable = faulty((effect) => (verb('issue')(effect) ? 'not-done' : undefined));
    const reasons = new Set<string>();
    for (let n = 0; n < 60; n += 1) {
      lab.due();
      const { reason } = await lab.rotate({}, unreachable);
      reasons.add(reason);
      personAt(lab).tags(
        `rotation:compromised:${lab.holder('AWSCURRENT')}`,
        new Date(lab.world.clock.now() + 1).toISOString(),
      );
      lab.world.clock.advance(MINUTE);
    }
    expect(reasons).toContain('sixty-versions-in-a-day');
    const versions = lab.world.aws.ListSecretVersionIds({ ...SecretId(lab), IncludeDeprecated: true }).Versions ?? [];
    expect(versions.length).toBeLessThan(66);
  });
});

describe('a suspect where nothing is issued again by itself', () => {
  const wary: VendorCase = { ...AUTH, policy: { reissueAfterUnknown: false } };
  const lost = () => faulty(onNth(1, 'lost-after', verb('issue')));

  test('waits for a person, who resolves it by a tag', async () => {
    const lab = await at(wary, 'due');
    lab.due();
    await lab.rotate({}, lost());
    lab.world.clock.advance(DAY);
    await recover(lab);
    expect(await lab.rotate()).toMatchObject({ outcome: 'waits', reason: 'outcome-of-the-last-attempt-unknown' });
    const [suspect] = lab.tags().suspects;
    personAt(lab).tags(`rotation:suspected-orphan:${suspect?.rotationId}`, 'resolved');
    lab.due();
    expect(await lab.rotate()).toMatchObject({ outcome: 'promoted' });
    lab.world.clock.advance(2 * DAY);
    await recover(lab);
    expect(lab.tags().suspects).toEqual([]);
  });

  test('taken away instead, it is listed again: while it is the last attempt only the tag says that it was', async () => {
    const lab = await at(wary, 'due');
    lab.due();
    await lab.rotate({}, lost());
    const [suspect] = lab.tags().suspects;
    personAt(lab).removesTags(`rotation:suspected-orphan:${suspect?.rotationId}`);
    await recover(lab);
    expect(lab.tags().suspects).toHaveLength(1);
  });

  test('resolved, it keeps its tag as long as it is the last attempt', async () => {
    const lab = await at(wary, 'on demand');
    lab.due();
    await lab.rotate({ wish: 'normal' }, lost());
    const [suspect] = lab.tags().suspects;
    personAt(lab).tags(`rotation:suspected-orphan:${suspect?.rotationId}`, 'resolved');
    await lab.rotate();
    expect(lab.tags().suspects).toEqual([{ ...suspect, until: 'resolved' }]);
  });
});

test('a fifth attempt that was given up, and had been staged meanwhile, does not block', async () => {
  const lab = await at(AUTH, 'due');
  await refusedTimes(lab, 4);
  const a = await waitingAt(lab, putsValue);
  lab.world.clock.advance(HOUR);
  const b = await waitingAt(lab, putsTombstone);
  expect(lab.tags().blocked).toBeDefined();
  expect(await a.goOn()).toMatchObject({ outcome: 'promoted' });
  await b.goOn();
  expect(lab.tags().blocked).toBeUndefined();
  await judged(lab, 'not blocked');
});
