import { fleetFacts, fleetFactsSchema, type Observed } from '../../src/fleet-facts';
import { tag } from '../../src/rotation-tags';
import { accessKey, authSecret } from '../support/credentials';
import { DAY, FOREIGN, HOUR, NOW, observed, valueAged } from '../support/observations';

const NOTHING = { observedAt: NOW, states: {}, liveGrants: 0, suspects: 0, unrevoked: 0, each: [] };

const key = (id: string, labels: Parameters<typeof observed>[1], state: Observed['state'] = 'fresh'): Observed => {
  const credential = accessKey(id);
  return { credential, seen: observed(credential, labels), state };
};

const ending = (ageMs: number, leftMs: number) => valueAged(ageMs, 'base', NOW + leftMs);

test('of a kind without credentials there is nothing to tell', () => {
  const other: Observed = { credential: authSecret(), seen: undefined, state: 'absent' };
  expect(fleetFacts('finicity-access-key', [other], NOW, true)).toEqual(NOTHING);
});

test('counts states, the oldest value, the nearest end, grants that live, suspects and what nobody could revoke', () => {
  const current = ending(2 * HOUR, 80 * DAY);
  const suspects = {
    ...tag.suspect('0'.repeat(32), NOW + DAY),
    ...tag.suspect('1'.repeat(32), NOW - DAY),
    ...tag.suspect('2'.repeat(32), 'never'),
    ...tag.unrevoked(current, 'by hand'),
  };
  const fleet = [
    key('a', { current: ending(40 * DAY, 20 * DAY) }),
    key('b', { current, previous: ending(9 * DAY, DAY), tags: suspects }, 'in-grace'),
    key('c', { current: ending(3 * DAY, 50 * DAY), previous: valueAged(9 * DAY) }, 'in-grace'),
    key('d', { current, previous: valueAged(9 * DAY, 'settled'), tags: tag.revoked(valueAged(9 * DAY, 'settled')) }),
    key('e', {}, 'absent'),
    { credential: accessKey('f'), seen: undefined, state: 'missing' } as const,
  ];

  const facts = fleetFacts('finicity-access-key', fleet, NOW, false);

  expect(facts).toEqual({
    observedAt: NOW,
    states: { fresh: 2, 'in-grace': 2, absent: 1, missing: 1 },
    oldest: NOW - 40 * DAY,
    nearestExpiry: NOW + 20 * DAY,
    liveGrants: 7,
    suspects: 2,
    unrevoked: 1,
    each: [],
  });
});

test('a value that a person made is as old as its creation, once it was looked into', () => {
  const unknown = key('a', { current: FOREIGN });
  expect(fleetFacts('finicity-access-key', [unknown], NOW, false).oldest).toBeUndefined();
  const adopted = key('a', { current: FOREIGN, tags: tag.adopted(FOREIGN, NOW - DAY) });
  expect(fleetFacts('finicity-access-key', [adopted], NOW, false)).toMatchObject({ oldest: NOW - DAY, liveGrants: 1 });
});

test('tells of each credential only where that is wanted, and all of it survives Redis', () => {
  const fleet = [key('a', { current: ending(DAY, DAY) }), key('b', {}, 'absent')];
  expect(fleetFacts('finicity-access-key', fleet, NOW, false).each).toEqual([]);
  const facts = fleetFacts('finicity-access-key', fleet, NOW, true);
  expect(facts.each).toEqual([{ id: 'a', issuedAt: NOW - DAY, endsAt: NOW + DAY }, { id: 'b' }]);
  expect(fleetFactsSchema.parse(JSON.parse(JSON.stringify(facts)))).toEqual(facts);
});

test('a hundred thousand credentials are no more than a function call takes', () => {
  const current = ending(DAY, DAY);
  const fleet = new Array<Observed>(100_000).fill(key('a', { current }));
  expect(fleetFacts('finicity-access-key', fleet, NOW, false)).toMatchObject({
    oldest: NOW - DAY,
    liveGrants: 100_000,
  });
});

test('what has ended holds no live grant once it is settled, and its age is nobody’s worry', () => {
  const current = ending(80 * DAY, HOUR);
  const settled = {
    current,
    tags: { ...tag.revoked(current), ...tag.retired({ version: current, at: NOW, unused: true }) },
  };
  const fleet = [key('a', settled, 'unused'), key('b', { current }, 'retiring')];
  const facts = fleetFacts('finicity-access-key', fleet, NOW, true);
  expect(facts).toEqual({ ...NOTHING, states: { unused: 1, retiring: 1 }, liveGrants: 1 });
});
