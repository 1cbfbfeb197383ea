import { crashAt } from '../support/gates';
import { judged } from '../support/judged';
import type { Label } from '../support/lab-view';
import { different, momentsOf } from '../support/moments';
import { PARTNER_STARTS, WITH_GRACE } from '../support/partner-situations';
import { recover } from '../support/recovery';
import type { Lab } from '../support/rotation-lab';
import { MESSAGES, ROLLBACKS, STARTS, type Start, started, type VendorCase } from '../support/situations';

// What the enumeration of crash points stands on: a kept moment is what a process that dies there leaves behind.

const LABELS: readonly Label[] = ['AWSCURRENT', 'AWSPREVIOUS', 'AWSPENDING', 'ROTATION_GIVEN_UP'];

/** All but the ids, which are random. */
const left = (lab: Lab) => ({
  now: lab.world.clock.now(),
  calls: lab.world.calls,
  live: [...lab.vendor.live.keys()],
  refused: { ...lab.vendor.partner.refused },
  labels: LABELS.map((label) => [label, lab.holder(label)?.length, lab.grantOn(label)]),
  versions: lab.world.aws.secrets().map(({ versions }) => versions.size),
  tags: lab.world.aws.secrets().flatMap(({ tags }) => [...(tags ?? [])].map(([key]) => key.split(':')[1])),
  changes: lab.changes,
});

const AUTH: VendorCase = { kind: 'flinks-auth-secret', behaviour: 'overlap' };
const OUTBOUND: VendorCase = { kind: 'flinks-outbound-recipient', behaviour: 'in-place' };
const CASES: readonly (readonly [string, VendorCase, Start | undefined])[] = [
  ['a new secret', OUTBOUND, STARTS['a new secret']],
  ['due, AWSPREVIOUS past its grace', AUTH, STARTS['due, AWSPREVIOUS past its grace']],
  ['a message', AUTH, MESSAGES['a message: compromised']],
  ['a rollback', AUTH, ROLLBACKS['when its grace is over']],
  ['a partner secret', WITH_GRACE, PARTNER_STARTS.due],
];

test.each(CASES)('%s: a process that dies leaves what its moment holds', async (_name, vendor, start) => {
  if (start === undefined) throw new Error('no such start');
  const from = await started(vendor, start);
  const moments = await momentsOf(from.fork(), start.job(from).run);
  expect(moments.length).toBeGreaterThan(10);
  for (const [n, moment] of moments.entries()) {
    const lab = from.fork();
    const { gate, died } = crashAt(Math.floor(n / 2) + 1, moment.when);
    expect(await Promise.race([start.job(lab).run(lab, gate), died])).toBe('died');
    expect({ where: moment.where, ...left(lab) }).toEqual({ where: moment.where, ...left(moment.lab) });
  }
});

test('what happens in a fork does not happen where it came from, nor the other way', async () => {
  const start = STARTS['due, AWSPREVIOUS past its grace'];
  if (start === undefined) throw new Error('no such start');
  const lab = await started(AUTH, start);
  const before = left(lab);
  const fork = lab.fork();
  await judged(fork, 'in the fork');
  expect(left(fork)).not.toEqual(before);
  expect(left(lab)).toEqual(before);
});

test('the moments that count as different are those after which the world is another, and the first', async () => {
  const start = STARTS.due;
  if (start === undefined) throw new Error('no such start');
  const from = await started(AUTH, start);
  const moments = await momentsOf(from, start.job(from).run);
  const kept = different(moments);
  const world = ({ lab }: { readonly lab: Lab }): string => {
    const { now: _, calls: __, ...rest } = left(lab);
    return JSON.stringify(rest);
  };
  expect(new Set(kept.map(world))).toEqual(new Set(moments.map(world)));
});

test('recovery is as deterministic as the job: the same effects, run again', async () => {
  const start = STARTS.compromised;
  if (start === undefined) throw new Error('no such start');
  const names = async () => {
    const lab = await started(AUTH, start);
    const moments = await momentsOf(lab, recover);
    return moments.map(({ where }) => where);
  };
  expect(await names()).toEqual(await names());
});
