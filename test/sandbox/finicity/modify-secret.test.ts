import { type FinicityBench, finicityBench } from '../support/finicity';
import { sandboxForSuite } from '../support/suite';
import { DAY_MS, type FinicitySwitches } from './switches';

const sandbox = sandboxForSuite();
const NEW = 'Synthetic-Secret-02';
const NEWER = 'Synthetic-Secret-03';

function bench(switches: Partial<FinicitySwitches> = {}): FinicityBench {
  sandbox().control.setSwitches({ finicity: { strikesToLock: 99, ...switches } });
  return finicityBench(sandbox());
}

const works = async (finicity: FinicityBench, ...secrets: string[]): Promise<boolean[]> => {
  const replies: boolean[] = [];
  for (const secret of secrets) replies.push((await finicity.logIn(secret)).status === 200);
  return replies;
};

test('a change without `immediate` kills the old secret at once', async () => {
  const finicity = bench();
  expect((await finicity.modify({ newPartnerSecret: NEW })).status).toBe(204);
  expect(await works(finicity, finicity.partnerSecret, NEW)).toEqual([false, true]);
});

test('a change with `immediate: false` lets the old secret live for 30 days', async () => {
  const finicity = bench();
  await finicity.modify({ newPartnerSecret: NEW, immediate: false });
  sandbox().control.advanceClock(30 * DAY_MS - 60_000);
  expect(await works(finicity, finicity.partnerSecret, NEW)).toEqual([true, true]);
  sandbox().control.advanceClock(120_000);
  expect(await works(finicity, finicity.partnerSecret, NEW)).toEqual([false, true]);
});

test('an older server ignores `immediate: false`', async () => {
  const finicity = bench({ graceMs: 0 });
  await finicity.modify({ newPartnerSecret: NEW, immediate: false });
  expect(await works(finicity, finicity.partnerSecret, NEW)).toEqual([false, true]);
});

test('a change back to the earlier value is accepted', async () => {
  const finicity = bench();
  await finicity.modify({ newPartnerSecret: NEW });
  await finicity.modify({ partnerSecret: NEW, newPartnerSecret: finicity.partnerSecret });
  expect(await works(finicity, finicity.partnerSecret, NEW)).toEqual([true, false]);
});

test.each([
  ['too short', 'Short-Sec01'],
  ['too long', `a1${'x'.repeat(254)}`],
  ['without a digit', 'Synthetic-Secret'],
  ['without a letter', '123456789012'],
  ['with another character', 'Synthetic Secret 02'],
])('a new secret %s violates the policy', async (_why, newPartnerSecret) => {
  const finicity = bench();
  const reply = await finicity.modify({ newPartnerSecret });
  expect([reply.status, reply.json]).toMatchObject([400, { code: '24437' }]);
  expect(await works(finicity, finicity.partnerSecret)).toEqual([true]);
});

test.each(['a1!@#$%&*_-+', `a1${'x'.repeat(253)}`])(
  'every documented character and length is accepted',
  async (secret) => {
    expect((await bench().modify({ newPartnerSecret: secret })).status).toBe(204);
  },
);

test.each([true, false])('during grace a change takes the old secret too by the switch (%s)', async (takesOld) => {
  const finicity = bench({ modifyTakesOldSecret: takesOld });
  await finicity.modify({ newPartnerSecret: NEW, immediate: false });
  expect((await finicity.modify({ newPartnerSecret: NEWER })).status).toBe(takesOld ? 204 : 401);
});

test.each([
  ['allowed', 204],
  ['refused', 400],
] as const)('a second change during grace is %s by the switch', async (changeDuringGrace, status) => {
  const finicity = bench({ changeDuringGrace });
  await finicity.modify({ newPartnerSecret: NEW, immediate: false });
  expect((await finicity.modify({ partnerSecret: NEW, newPartnerSecret: NEWER })).status).toBe(status);
});

test.each([
  ['accepted', 204],
  ['refused', 400],
] as const)('a change to the same value is %s by the switch', async (changeToSame, status) => {
  const finicity = bench({ changeToSame });
  await finicity.modify({ newPartnerSecret: NEW, immediate: false });
  expect((await finicity.modify({ newPartnerSecret: NEW, immediate: false })).status).toBe(status);
  expect(await works(finicity, finicity.partnerSecret, NEW)).toEqual([true, true]);
});

test.each([true, false])('App-Tokens survive a change by the switch (%s)', async (tokensSurviveChange) => {
  const finicity = bench({ tokensSurviveChange });
  const token = await finicity.appToken();
  await finicity.modify({ newPartnerSecret: NEW });
  expect((await finicity.generate(token)).status).toBe(tokensSurviveChange ? 200 : 401);
});
