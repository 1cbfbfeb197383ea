import { type Sandbox, startSandbox } from '../../sandbox/start';
import type { BenchDeps } from './bench';

interface Opened {
  readonly deps: BenchDeps;
  close(): void;
}

export interface Sandboxed<B extends Opened> {
  readonly sandbox: Sandbox;
  /** Closed after the test, which must have given back every place in its account's rate. */
  opened(bench: B): B;
}

/** The stand-ins of one test file. After each test: the vendors' documents were kept to, and everything is as at the start. */
export function sandboxed<B extends Opened>(): Sandboxed<B> {
  let running: Sandbox | undefined;
  const benches: B[] = [];
  const sandbox = (): Sandbox => {
    if (running === undefined) throw new Error('the sandbox runs only within the tests of the file');
    return running;
  };
  beforeAll(async () => {
    running = await startSandbox();
  });
  afterEach(() => {
    expect(sandbox().control.deviations()).toEqual([]);
    for (const { close, deps } of benches.splice(0)) {
      expect(deps.limits.held()).toBe(0);
      close();
    }
    sandbox().control.reset();
  });
  afterAll(() => running?.stop());
  return {
    get sandbox() {
      return sandbox();
    },
    opened(bench) {
      benches.push(bench);
      return bench;
    },
  };
}
