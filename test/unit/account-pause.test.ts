import {
  type AccountState,
  afterCanary,
  afterFailure,
  afterSuccess,
  asking,
  type Failure,
  HEALTHY,
  isPast,
  pauseMs,
  restored,
} from '../../src/account-pause';
import { HOUR, MINUTE, NOW } from '../support/observations';

const RULES = { pauseAfter: 3, pauseForMs: MINUTE };
const noLuck = () => 1;

const failing = (given: Partial<Failure> = {}): Failure => ({
  ...{ run: 'a', reason: 'provider-unavailable', ownCredential: false, secretName: 's/a', now: NOW, random: noLuck },
  ...given,
});
const failed = (times: number, state: AccountState = HEALTHY): AccountState =>
  Array.from({ length: times }).reduce<AccountState>((last) => afterFailure(last, failing(), RULES), state);

const PAUSED = failed(3);
/** The pause is over and a run tries. */
const ask = (state: AccountState, run: string, now: number, secretName = 's/b'): AccountState =>
  asking(state, { run, secretName, now, canaryMs: MINUTE, stepBackMs: 1_000 });
const tried = (state = PAUSED, run = 'canary', secretName = `s/${run}`): AccountState =>
  ask(state, run, state.pause?.until ?? 0, secretName);

describe('an account', () => {
  test('is paused by so many failures in a row, not by fewer', () => {
    expect(failed(2).pause).toBeUndefined();
    expect(PAUSED.pause).toMatchObject({ since: NOW, until: NOW + MINUTE, nth: 1, secretName: 's/a' });
  });

  test('is paused at once when the worker’s own credential is refused', () => {
    expect(afterFailure(HEALTHY, failing({ ownCredential: true }), RULES).pause).toMatchObject({ nth: 1 });
  });

  test('counts anew after the vendor has carried something out', () => {
    expect(failed(2, afterSuccess(failed(2))).pause).toBeUndefined();
    expect(afterSuccess(PAUSED)).toBe(PAUSED);
  });
});

describe('while it is paused', () => {
  test('nobody is let in before its time', () => {
    expect(ask(PAUSED, 'b', NOW + MINUTE - 1)).toBe(PAUSED);
  });

  test('one run tries, the others wait for it, and for no longer than it may take', () => {
    const state = tried();
    expect(state.pause?.canary).toEqual({ run: 'canary', until: NOW + 2 * MINUTE });
    expect(ask(state, 'other', NOW + 2 * MINUTE - 1)).toBe(state);
    expect(ask(state, 'other', NOW + 2 * MINUTE).pause?.canary?.run).toBe('other');
  });

  test('a credential that has tried before steps back, so that others go first', () => {
    const over = NOW + MINUTE;
    expect(ask(PAUSED, 'again', over + 999, 's/a')).toBe(PAUSED);
    expect(ask(PAUSED, 'again', over + 1_000, 's/a').pause?.canary?.run).toBe('again');
    expect(ask(PAUSED, 'other', over, 's/b').pause?.canary?.run).toBe('other');
  });

  test('what had begun before and fails now changes nothing', () => {
    expect(afterFailure(PAUSED, failing({ run: 'late', ownCredential: true }), RULES)).toBe(PAUSED);
    const state = tried();
    expect(afterFailure(state, failing({ run: 'late' }), RULES)).toBe(state);
  });

  test('the failure of the one that tries prolongs it, and the next one tries after that', () => {
    const now = NOW + MINUTE;
    const longer = afterFailure(tried(), failing({ run: 'canary', now }), RULES);
    expect(longer.pause).toEqual({ ...PAUSED.pause, nth: 2, until: now + 2 * MINUTE, tried: ['s/a', 's/canary'] });
    expect(tried(longer, 'next').pause?.canary?.run).toBe('next');
  });

  test('an answer to the one that tries ends it; a run that came to nothing makes room for the next', () => {
    expect(afterCanary(tried(), 'canary', true, NOW + HOUR)).toEqual({ failures: 0, endedAt: NOW + HOUR });
    expect(afterCanary(tried(), 'canary', false, NOW + HOUR).pause).toEqual({
      ...PAUSED.pause,
      tried: ['s/a', 's/canary'],
    });
    expect(afterCanary(tried(), 'other', true, NOW + HOUR)).toEqual(tried());
  });
});

test('pauses grow to half an hour, and are spread over their last quarter', () => {
  const whole = [1, 2, 3, 4, 5, 6, 7, 100].map((nth) => pauseMs(nth, RULES, noLuck) / MINUTE);
  expect(whole).toEqual([1, 2, 4, 8, 16, 30, 30, 30]);
  expect(pauseMs(3, RULES, () => 0)).toBe(3 * MINUTE);
});

describe('a tag', () => {
  const tag = { since: NOW - HOUR, reason: 'own-credential-refused', secretName: 's/b' };
  const at = { now: NOW, random: noLuck };

  test('puts back a pause of which nothing is known, and the account rests before it is tried', () => {
    expect(restored(HEALTHY, tag, RULES, at).pause).toEqual({ ...tag, until: NOW + MINUTE, nth: 1, tried: ['s/b'] });
    expect(restored(failed(1), tag, RULES, at).pause).toMatchObject(tag);
  });

  test('changes nothing where the pause is known', () => {
    expect(restored(PAUSED, tag, RULES, at)).toBe(PAUSED);
  });

  test('that is older than the end of the last pause speaks of the past', () => {
    const ended = afterCanary(tried(), 'canary', true, NOW);
    expect(isPast(ended, tag)).toBe(true);
    expect(restored(ended, tag, RULES, at)).toBe(ended);
    expect(isPast({ failures: 0, endedAt: NOW - 2 * HOUR }, tag)).toBe(false);
  });
});
