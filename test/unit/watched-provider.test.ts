import { OutcomeUnknownError } from '../../src/errors';
import type { PreparedIssue, Provider } from '../../src/provider';
import { watchedProvider } from '../../src/watched-provider';
import { accessKey } from '../support/credentials';
import { TRAITS } from '../support/traits';

const lost = new OutcomeUnknownError('no answer', { route: 'renew' });

function watched(renewal: () => Promise<PreparedIssue>) {
  const told: unknown[] = [];
  const provider: Provider = {
    kind: 'finicity-access-key',
    traits: TRAITS['finicity-access-key'],
    prepare: renewal,
    prepareRenewal: renewal,
    verify: async () => 'works',
    revoke: async () => ({ outcome: 'revoked' }),
    reinstate: async () => false,
  };
  const watch = { answered: (changes: boolean) => told.push(changes), failed: async (e: unknown) => void told.push(e) };
  return { provider: watchedProvider(provider, watch), told };
}

const release = async (): Promise<void> => undefined;

test.each([
  ['an issue', (p: Provider) => p.prepare(accessKey(), undefined)],
  ['a renewal', (p: Provider) => p.prepareRenewal?.(accessKey(), 'cr_1', undefined)],
] as const)('%s that is answered, or not, is told', async (_what, prepare) => {
  const answered = watched(async () => ({ issue: async () => ({}), release }));
  await (await prepare(answered.provider))?.issue(0);
  expect(answered.told).toEqual([true]);

  const unanswered = watched(async () => ({ issue: () => Promise.reject(lost), release }));
  await expect((await prepare(unanswered.provider))?.issue(0)).rejects.toBe(lost);
  expect(unanswered.told).toEqual([lost]);
});

test('a provider without renewals has none when it is watched', () => {
  const { provider } = watched(async () => ({ issue: async () => ({}), release }));
  const { prepareRenewal: _, ...without } = provider;
  const watch = { answered: () => undefined, failed: async () => undefined };
  expect(watchedProvider(without, watch).prepareRenewal).toBeUndefined();
});
