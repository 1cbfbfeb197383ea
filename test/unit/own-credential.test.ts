import { ProviderAuthError, SecretStoreError } from '../../src/errors';
import { fieldOf, makeOwnCredential } from '../../src/own-credential';
import { Sensitive } from '../../src/sensitive';
import { makeTestClock } from '../support/providers/clock';
import { expectNoSecrets, failureOf } from '../support/providers/no-secrets';

const MINUTE_MS = 60_000;

function source(...values: string[]) {
  const clock = makeTestClock();
  let reads = 0;
  const own = makeOwnCredential(
    {
      clock,
      env: {},
      readSecret: async () => new Sensitive(JSON.stringify({ key: values[Math.min(reads++, values.length - 1)] })),
    },
    { secret: 'own', key: 'key' },
  );
  return { clock, own, reads: () => reads };
}

describe('from the environment', () => {
  const deps = { clock: makeTestClock(), readSecret: async () => new Sensitive('') };

  it('is what the variable holds', async () => {
    const own = makeOwnCredential({ ...deps, env: { NAME: 'SYNTH-value' } }, { env: 'NAME' });
    const value = await own.get();
    expect(value.reveal()).toBe('SYNTH-value');
    expect(await own.renew(value)).toBeUndefined();
  });

  it.each([{}, { NAME: '' }])('is missing where the variable is not set: %p', async (env) => {
    const error = await failureOf(makeOwnCredential({ ...deps, env }, { env: 'NAME' }).get());
    expect(error).toBeInstanceOf(ProviderAuthError);
    expect(error.message).toContain('NAME');
  });
});

describe('from Secrets Manager', () => {
  it('is read once in five minutes', async () => {
    const { own, clock, reads } = source('first', 'second');
    await own.get();
    clock.advance(5 * MINUTE_MS - 1_000);
    expect((await own.get()).reveal()).toBe('first');
    expect(reads()).toBe(1);
    clock.advance(2_000);
    expect((await own.get()).reveal()).toBe('second');
  });

  it('joins concurrent reads', async () => {
    const { own, reads } = source('first');
    await Promise.all([own.get(), own.get(), own.get()]);
    expect(reads()).toBe(1);
  });

  it('is read anew when it was refused, once for all that were refused with it', async () => {
    const { own, reads } = source('first', 'second', 'third');
    const used = await own.get();
    const renewed = await Promise.all([own.renew(used), own.renew(used)]);
    expect(renewed.map((value) => value?.reveal())).toEqual(['second', 'second']);
    expect((await own.renew(used))?.reveal()).toBe('second');
    expect(reads()).toBe(2);
  });

  it('has nothing new where the source holds the same', async () => {
    const { own } = source('first', 'first');
    expect(await own.renew(await own.get())).toBeUndefined();
  });

  it.each([
    ['not-found', 'does not exist, or is empty'],
    ['marked-for-deletion', 'is scheduled for deletion'],
  ] as const)('is refused where the store says %s: no job mends that', async (failure, words) => {
    const readSecret = () => Promise.reject(new SecretStoreError('GetSecretValue', failure, true));
    const own = makeOwnCredential({ clock: makeTestClock(), env: {}, readSecret }, { secret: 'own', key: 'key' });
    const error = await failureOf(own.get());
    expect(error).toBeInstanceOf(ProviderAuthError);
    expect(error.message).toBe(`the secret own, which holds a credential of the worker's own, ${words}`);
  });

  it('is not refused where the store only fails', async () => {
    const gone = new SecretStoreError('GetSecretValue', 'unavailable', false);
    const readSecret = () => Promise.reject(gone);
    const own = makeOwnCredential({ clock: makeTestClock(), env: {}, readSecret }, { secret: 'own', key: 'key' });
    expect(await failureOf(own.get())).toBe(gone);
  });

  it('is read again after a failure', async () => {
    let fails = true;
    const readSecret = async () => {
      if (fails) throw new Error('the store is gone');
      return new Sensitive('{"key":"value"}');
    };
    const own = makeOwnCredential({ clock: makeTestClock(), env: {}, readSecret }, { secret: 'own', key: 'key' });
    expect((await failureOf(own.get())).message).toBe('the store is gone');
    fails = false;
    expect((await own.get()).reveal()).toBe('value');
  });

  it.each(['', 'SYNTH not JSON', '[]', '"SYNTH"', 'null', '{}', '{"key":""}', '{"key":7}', '{"other":"SYNTH"}'])(
    'is not there in %p, and the error does not show it',
    (text) => {
      const read = () => fieldOf(new Sensitive(text), { secret: 'own', key: 'key' });
      expect(read).toThrow(ProviderAuthError);
      expect(read).toThrow(/own .*"key"/);
      try {
        read();
      } catch (error) {
        expectNoSecrets(error, ['SYNTH']);
      }
    },
  );
});
