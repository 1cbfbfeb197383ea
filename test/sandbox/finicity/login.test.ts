import { type FinicityBench, finicityBench } from '../support/finicity';
import { sandboxForSuite } from '../support/suite';
import type { FinicitySwitches } from './switches';

const sandbox = sandboxForSuite();

function bench(switches: Partial<FinicitySwitches> = {}): FinicityBench {
  sandbox().control.setSwitches({ finicity: switches });
  return finicityBench(sandbox());
}

async function strike(finicity: FinicityBench, times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) await finicity.logIn('wrong');
}

const partner = ({ partnerId }: FinicityBench) =>
  sandbox()
    .control.partners()
    .find((view) => view.partnerId === partnerId);

describe('five failed logins', () => {
  test('lock the partner for good: its secret is refused too', async () => {
    const finicity = bench();
    await strike(finicity, 4);
    expect((await finicity.logIn()).status).toBe(200);
    await strike(finicity, 1);
    expect(partner(finicity)).toMatchObject({ strikes: 5, locked: true });
    sandbox().control.advanceClock(365 * 86_400_000);
    expect((await finicity.logIn()).status).toBe(401);
  });

  test('do not lock another partner', async () => {
    const [unlucky, other] = [bench(), bench()];
    await strike(unlucky, 5);
    expect((await other.logIn()).status).toBe(200);
  });

  test.each([
    ['401-10001', 401],
    ['401-10021', 401],
    ['403', 403],
    ['429', 429],
    ['500', 500],
  ] as const)('are answered with %s by the switch', async (lockedAnswer, status) => {
    const finicity = bench({ lockedAnswer });
    await strike(finicity, 5);
    const reply = await finicity.logIn();
    expect(reply.status).toBe(status);
    if (status === 401) expect(reply.json).toMatchObject({ code: lockedAnswer.slice(4) });
  });

  test.each([true, false])('end the running App-Tokens by the switch (%s)', async (lockEndsTokens) => {
    const finicity = bench({ lockEndsTokens });
    const token = await finicity.appToken();
    await strike(finicity, 5);
    expect((await finicity.generate(token)).status).toBe(lockEndsTokens ? 401 : 200);
  });

  test('are counted from the last good one by the switch', async () => {
    const finicity = bench({ successResetsStrikes: true });
    await strike(finicity, 4);
    await finicity.logIn();
    await strike(finicity, 4);
    expect((await finicity.logIn()).status).toBe(200);
  });

  test.each([true, false])('include wrong secrets on a change by the switch (%s)', async (modifyCountsStrikes) => {
    const finicity = bench({ modifyCountsStrikes });
    await finicity.modify({ partnerSecret: 'wrong', newPartnerSecret: 'Synthetic-Secret-02' });
    expect(partner(finicity)?.strikes).toBe(modifyCountsStrikes ? 1 : 0);
    expect(sandbox().control.counters().loginsFailed).toEqual({ [finicity.partnerId]: 1 });
  });

  test('may be another number', async () => {
    const finicity = bench({ strikesToLock: 2 });
    await strike(finicity, 2);
    expect(partner(finicity)?.locked).toBe(true);
  });

  test('are not caused by a wrong App-Key, or by requests that are lost', async () => {
    const finicity = bench();
    await finicity.login(
      'POST',
      { partnerId: finicity.partnerId, partnerSecret: 'x' },
      {
        'content-type': 'application/json',
        'finicity-app-key': 'wrong',
      },
    );
    sandbox().control.addFaults({ kind: 'error-500', route: 'finicity.authenticate' });
    await strike(finicity, 1);
    expect(partner(finicity)).toMatchObject({ strikes: 0, locked: false });
  });
});

describe('an App-Token', () => {
  test('is good for two hours', async () => {
    const finicity = bench();
    const token = await finicity.appToken();
    sandbox().control.advanceClock(7_199_000);
    expect((await finicity.generate(token)).status).toBe(200);
    sandbox().control.advanceClock(2_000);
    expect((await finicity.generate(token)).json).toMatchObject({ code: '10023' });
  });

  test.each([true, false])('lives beside others by the switch (%s)', async (severalTokens) => {
    const finicity = bench({ severalTokens, tokenSeconds: 60 });
    const first = await finicity.appToken();
    await finicity.appToken();
    expect((await finicity.generate(first)).status).toBe(severalTokens ? 200 : 401);
  });

  test('that is missing, unknown or of another App-Key is told apart', async () => {
    const [mine, theirs] = [bench(), bench()];
    expect((await mine.generate('')).json).toMatchObject({ code: '10022' });
    expect((await mine.generate(await theirs.appToken())).json).toMatchObject({ code: '10022' });
  });
});

test('the wrong country gets 403 everywhere, and no strike', async () => {
  const finicity = bench({ geography: 'refused' });
  expect((await finicity.logIn('wrong')).status).toBe(403);
  expect((await finicity.revoke('any', 'cr_any')).status).toBe(403);
  expect(partner(finicity)?.strikes).toBe(0);
});

test.each([
  ['string', '10001'],
  ['number', 10001],
] as const)('an error code is a %s by the switch', async (errorCodeAs, code) => {
  expect((await bench({ errorCodeAs }).logIn('wrong')).json).toMatchObject({ code });
});

test.each([
  ['documented', 'application/json', 'text/plain'],
  ['always', 'text/plain', 'text/plain'],
  ['never', 'application/json', 'application/json'],
] as const)('a 401 is plain text as the switch says: %s', async (plainTextUnauthorized, onLogin, onKey) => {
  const finicity = bench({ plainTextUnauthorized });
  expect((await finicity.logIn('wrong')).contentType).toBe(onLogin);
  sandbox().control.reset();
  sandbox().control.setSwitches({ finicity: { plainTextUnauthorized } });
  expect((await finicity.generate('any')).contentType).toBe(onKey);
});

test.each([
  ['wrapper', { Errors: { Error: [{ ReasonCode: '12401' }] } }],
  ['message', { code: '12401', message: 'partner not found' }],
] as const)('an unknown partner is a 404 in one of two envelopes: %s', async (partnerNotFoundAs, envelope) => {
  const reply = await bench({ partnerNotFoundAs }).login('POST', { partnerId: 'no', partnerSecret: 'no' });
  expect([reply.status, reply.json]).toMatchObject([404, envelope]);
});
