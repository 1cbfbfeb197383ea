import { type Effect, type Fault, faulty, type Gate, onNth } from './gates';

type Applies = (effect: Effect) => boolean;

/** One worker, or a person with our command, led along a trace effect by effect. One that is left where it is has died. */
export interface Actor<T> {
  /** What it waits to do; undefined when its job has ended. */
  next(): Promise<Effect | undefined>;
  /** Carries that out, or meets this fault there. */
  step(fault?: Fault): Promise<void>;
  /** Goes on until it comes to such an effect, which waits; or to its end: it has gone `astray`. */
  upTo(applies: Applies): Promise<void>;
  /** The same, and carries it out, or meets this fault there. */
  through(applies: Applies, fault?: Fault): Promise<void>;
  /** To the end of its job. */
  end(): Promise<T>;
  /** Has it ended where the trace goes on? */
  astray(): boolean;
}

interface Waiting {
  readonly effect: Effect;
  go(fault: Fault | undefined): Promise<void>;
}

/** @param later calls without an answer that are still on their way */
export function actor<T>(job: (gate: Gate) => Promise<T>, later: (() => unknown)[] = []): Actor<T> {
  let waiting: Waiting | undefined;
  let ended = false;
  let astray = false;
  let noticed: () => void = () => undefined;
  const gate: Gate = (effect, perform) =>
    new Promise((resolve, reject) => {
      const go = async (fault: Fault | undefined): Promise<void> => {
        const answers = faulty(
          onNth(1, fault ?? 'refused', () => fault !== undefined),
          later,
        );
        await answers(effect, perform).then(resolve, reject);
      };
      waiting = { effect, go };
      noticed();
    });
  const done = job(gate).finally(() => {
    ended = true;
    noticed();
  });
  done.catch(() => undefined);

  const self: Actor<T> = {
    async next() {
      while (waiting === undefined && !ended) {
        await new Promise<void>((resolve) => {
          noticed = resolve;
        });
      }
      return waiting?.effect;
    },
    async step(fault) {
      const here = waiting;
      waiting = undefined;
      await here?.go(fault);
    },
    async upTo(applies) {
      for (let effect = await self.next(); effect === undefined || !applies(effect); effect = await self.next()) {
        astray ||= effect === undefined;
        if (astray) return;
        await self.step();
      }
    },
    async through(applies, fault) {
      await self.upTo(applies);
      await self.step(fault);
      await self.next();
    },
    async end() {
      while ((await self.next()) !== undefined) await self.step();
      return done;
    },
    astray: () => astray,
  };
  return self;
}
