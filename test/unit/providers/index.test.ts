import { InvariantError } from '../../../src/errors';
import { openAccount } from '../../../src/providers';
import { type FlinksOutboundAccount, KINDS } from '../../../src/types';
import { makeBenchDeps } from '../../support/providers/bench';

const account: FlinksOutboundAccount = {
  vendor: 'flinks-outbound',
  name: 'test-account',
  baseUrl: 'http://127.0.0.1:9',
  tokenUrl: 'http://127.0.0.1:9/token',
  timeoutMs: 400,
  pauseAfter: 5,
  pauseForMs: 60_000,
  limits: { callsPerSecond: 1, concurrency: 1 },
  clientId: 'dc-partner',
  clientSecret: { env: 'SECRET' },
  clientAuthentication: 'body',
};

it('has one provider for each kind of its vendor, and none for the others', () => {
  const { provider, close } = openAccount(account, makeBenchDeps());
  expect(provider('flinks-outbound-recipient')).toBe(provider('flinks-outbound-recipient'));
  for (const kind of KINDS.filter((name) => name !== 'flinks-outbound-recipient')) {
    expect(() => provider(kind)).toThrow(InvariantError);
  }
  close();
});
