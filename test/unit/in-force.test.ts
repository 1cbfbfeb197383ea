import { putInForce } from '../../src/in-force';
import type { Manifest } from '../../src/manifest';
import type { OpenAccount } from '../../src/providers';
import type { Credential } from '../../src/types';
import { load, manifestOf, PROVIDERS, partner, removeFolders } from './manifest/manifest-files';

afterAll(removeFolders);

const closed: OpenAccount[] = [];
const open = (): OpenAccount => {
  const account: OpenAccount = {
    provider: () => {
      throw new Error('not asked here');
    },
    close: () => void closed.push(account),
  };
  return account;
};

const sharingOf = ({ byId }: Manifest): Credential => {
  const credential = byId.get('acme');
  if (credential === undefined) throw new Error('no acme');
  return credential;
};

const first = () => load(manifestOf(partner()));
const slower = () => load(manifestOf(partner()).replace('instance: toolbox', 'instance: toolbox, timeout: 30s'));
const without = () => load(`${PROVIDERS.replace(/ {2}mc: .*\n/, '')}credentials:\n  - ${partner()}\n`);

test('an account that stays the same stays open, one that changed is opened anew', async () => {
  const before = await first();
  const accounts = putInForce(before, open);
  const [own, timeout] = [accounts.now().openedOf(sharingOf(before)), accounts.now().accountOf(sharingOf(before))];
  accounts.follow(await first(), Promise.resolve());
  expect(accounts.now().openedOf(sharingOf(before))).toBe(own);

  accounts.follow(await slower(), Promise.resolve());
  expect(accounts.now().openedOf(sharingOf(before))).not.toBe(own);
  expect([timeout.timeoutMs, accounts.now().accountOf(sharingOf(before)).timeoutMs]).toEqual([20_000, 30_000]);
  accounts.close();
});

test('what has begun keeps what it began with', async () => {
  const before = await first();
  const accounts = putInForce(before, open);
  const begun = accounts.now();
  const own = begun.openedOf(sharingOf(before));
  accounts.follow(await slower(), Promise.resolve());
  expect(begun.manifest).toBe(before);
  expect(begun.openedOf(sharingOf(before))).toBe(own);
  accounts.close();
});

test('accounts that are not needed any more are closed when what ran has ended, and once', async () => {
  closed.length = 0;
  const accounts = putInForce(await first(), open);
  let end: (value: unknown) => void = () => undefined;
  const underWay = new Promise((resolve) => {
    end = resolve;
  });
  accounts.follow(await without(), underWay);
  await Promise.resolve();
  expect(closed).toHaveLength(0);
  end(undefined);
  await underWay;
  await Promise.resolve();
  expect(closed).toHaveLength(1);

  accounts.follow(await slower(), new Promise(() => undefined));
  accounts.close();
  expect(new Set(closed).size).toBe(closed.length);
});
