/** After a failure Redis is not asked for so long: a silent one would cost every call its time-out. */
const REST_MS = 1_000;

/** Asks Redis unless it failed a moment ago. @param onAway told of the first failure of each outage */
export function createBreaker(onAway: (error: unknown) => void) {
  let restUntil = 0;
  let away = false;
  return async <T>(ask: () => Promise<T>): Promise<T | 'away'> => {
    if (performance.now() < restUntil) return 'away';
    try {
      const answer = await ask();
      away = false;
      return answer;
    } catch (error) {
      if (!away) onAway(error);
      away = true;
      restUntil = performance.now() + REST_MS;
      return 'away';
    }
  };
}
