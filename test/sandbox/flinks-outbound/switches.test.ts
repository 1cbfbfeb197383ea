import { field } from '../support/call';
import { type OutboundBench, outboundBench } from '../support/flinks-outbound';
import { sandboxForSuite } from '../support/suite';
import type { FlinksOutboundSwitches } from './switches';

const sandbox = sandboxForSuite();

function bench(switches: Partial<FlinksOutboundSwitches> = {}): OutboundBench {
  sandbox().control.setSwitches({ flinksOutbound: switches });
  return outboundBench(sandbox());
}

const loginWorks = async (outbound: OutboundBench, secret: string): Promise<boolean> =>
  (await outbound.recipientLogIn(secret)).status === 200;

describe('a regenerated secret', () => {
  test('works, and by default the old one is dead at once', async () => {
    const outbound = bench();
    const fresh = await outbound.rotate();
    expect(await loginWorks(outbound, fresh)).toBe(true);
    expect(await loginWorks(outbound, outbound.recipient.clientSecret)).toBe(false);
    expect(sandbox().control.grants({ secret: outbound.recipient.clientSecret })).toMatchObject([
      { alive: false, why: 'replaced by regenerate', subject: outbound.recipient.clientId, grantId: null },
    ]);
  });

  test('overlaps with the old one for as long as the switch says', async () => {
    const outbound = bench({ oldSecretLivesMs: 60_000 });
    await outbound.rotate();
    sandbox().control.advanceClock(59_000);
    expect(await loginWorks(outbound, outbound.recipient.clientSecret)).toBe(true);
    sandbox().control.advanceClock(2_000);
    expect(await loginWorks(outbound, outbound.recipient.clientSecret)).toBe(false);
  });

  test('does not lengthen the overlap of the one before the last', async () => {
    const outbound = bench({ oldSecretLivesMs: 60_000 });
    await outbound.rotate();
    sandbox().control.advanceClock(30_000);
    await outbound.rotate();
    sandbox().control.advanceClock(31_000);
    expect(await loginWorks(outbound, outbound.recipient.clientSecret)).toBe(false);
  });

  test('leaves the old one alive for ever where the switch says so', async () => {
    const outbound = bench({ oldSecretLivesMs: null });
    await outbound.rotate();
    await outbound.rotate();
    sandbox().control.advanceClock(365 * 86_400_000);
    expect(await loginWorks(outbound, outbound.recipient.clientSecret)).toBe(true);
    expect(sandbox().control.grants({ subject: outbound.recipient.clientId, alive: true })).toHaveLength(3);
  });

  test('works only after its propagation delay, though it is alive', async () => {
    const outbound = bench();
    sandbox().control.setSwitches({ flinksOutbound: { newSecretWorksAfterMs: 5_000 } });
    const fresh = await outbound.rotate();
    expect(await loginWorks(outbound, fresh)).toBe(false);
    expect(sandbox().control.grants({ secret: fresh })).toMatchObject([{ alive: true, works: false }]);
    sandbox().control.advanceClock(5_000);
    expect(await loginWorks(outbound, fresh)).toBe(true);
  });

  test('is another one at every call', async () => {
    const outbound = bench();
    const secrets = [await outbound.rotate(), await outbound.rotate(), await outbound.rotate()];
    expect(new Set(secrets).size).toBe(3);
    expect(sandbox().control.counters().effects['flinks-outbound.regenerate']).toBe(3);
    expect(sandbox().control.recipients()).toMatchObject([{ secrets: secrets.slice(-1) }]);
  });
});

describe('an access token', () => {
  test('expires after 299 seconds', async () => {
    const outbound = bench();
    const token = await outbound.adminToken();
    sandbox().control.advanceClock(298_000);
    expect((await outbound.get(token)).status).toBe(200);
    sandbox().control.advanceClock(2_000);
    const late = await outbound.get(token);
    expect([late.status, late.json]).toEqual([401, { message: 'Invalid Bearer Token' }]);
  });

  test('says how long it lives', async () => {
    const reply = await bench({ tokenSeconds: 7 }).logIn();
    expect(reply.json).toMatchObject({ token_type: 'Bearer', expires_in: 7, scope: 'client:admin' });
  });

  test('is good once where tokens are single-use', async () => {
    const outbound = bench({ singleUseTokens: true });
    const token = await outbound.adminToken();
    expect((await outbound.get(token)).status).toBe(200);
    expect((await outbound.regenerate(token)).status).toBe(401);
  });

  test('without client:admin does not manage recipients', async () => {
    const outbound = bench();
    const recipients = field(await outbound.recipientLogIn(outbound.recipient.clientSecret), 'access_token');
    const unscoped = field(await outbound.logIn(outbound.partner, ''), 'access_token');
    expect((await outbound.regenerate(recipients)).status).toBe(401);
    expect((await outbound.regenerate(unscoped)).status).toBe(401);
  });

  test('with client:admin is for the partner alone', async () => {
    const outbound = bench();
    const reply = await outbound.logIn(outbound.recipient);
    expect([reply.status, reply.json]).toMatchObject([400, { error: 'invalid_scope' }]);
  });
});

describe('credentials of a token request', () => {
  const basic = ({ partner: { clientId, clientSecret } }: OutboundBench) => ({
    authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
  });
  const bare = { grant_type: 'client_credentials', scope: 'client:admin' };

  test('in the body are refused where the vendor takes HTTP Basic', async () => {
    const outbound = bench({ credentials: 'basic' });
    expect((await outbound.logIn()).json).toMatchObject({ error: 'invalid_client' });
    expect((await outbound.token(bare, basic(outbound))).status).toBe(200);
  });

  test('in HTTP Basic are refused where the vendor takes the body', async () => {
    const outbound = bench({ credentials: 'body' });
    expect((await outbound.token(bare, basic(outbound))).json).toMatchObject({ error: 'invalid_client' });
  });

  test.each(['body', 'basic'] as const)('in both places are refused where the vendor takes %s', async (credentials) => {
    const outbound = bench({ credentials });
    const { clientId, clientSecret } = outbound.partner;
    const both = { ...bare, client_id: clientId, client_secret: clientSecret };
    expect((await outbound.token(both, basic(outbound))).json).toMatchObject({ error: 'invalid_client' });
  });

  test('that are wrong answer invalid_client with 400 by default and are counted', async () => {
    const outbound = bench();
    const reply = await outbound.recipientLogIn('wrong');
    expect([reply.status, reply.json]).toMatchObject([400, { error: 'invalid_client' }]);
    expect(sandbox().control.counters().loginsFailed).toEqual({ [outbound.recipient.clientId]: 1 });
  });

  test('that are wrong answer invalid_client with 401 by the switch', async () => {
    expect((await bench({ invalidClientStatus: 401 }).recipientLogIn('wrong')).status).toBe(401);
  });
});

describe('a management call', () => {
  test('with a bad token is a 400 by the switch', async () => {
    const reply = await bench({ badTokenStatus: 400 }).regenerate('wrong');
    expect([reply.status, reply.json]).toEqual([400, { message: 'Invalid Bearer Token' }]);
  });

  test.each([400, 404] as const)('for an unknown recipient is a %i by the switch', async (status) => {
    const outbound = bench({ unknownRecipientStatus: status });
    expect((await outbound.regenerate(await outbound.adminToken(), 'dc-unknown')).status).toBe(status);
  });

  test("for another partner's recipient, or for the partner itself, is refused", async () => {
    const outbound = bench();
    const other = outboundBench(sandbox());
    const token = await outbound.adminToken();
    expect((await outbound.regenerate(token, other.recipient.clientId)).status).toBe(400);
    expect((await outbound.regenerate(token, outbound.partner.clientId)).status).toBe(400);
  });
});

test.each([true, false])('whether tokens of the replaced secret survive is a switch (%s)', async (survive) => {
  const outbound = bench({ tokensSurviveRegeneration: survive, oldSecretLivesMs: null });
  await outbound.recipientLogIn(outbound.recipient.clientSecret);
  await outbound.rotate();
  const theirs = sandbox()
    .control.tokens()
    .filter(({ account }) => account === outbound.recipient.clientId);
  expect(theirs).toHaveLength(survive ? 1 : 0);
});
