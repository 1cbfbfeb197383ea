import { setTimeout as sleep } from 'node:timers/promises';
import { TestEnvironment } from 'jest-environment-node';

/** The little of jest-circus's event and state that is used here. */
type CircusEvent = { name: string };
type CircusState = { unhandledErrors: unknown[] };

const CLOSED_WITHIN_MS = 2_000;

/** Node's names for what a test can forget to end, and what each one is for a reader. Idle keep-alive sockets do not count. */
const LEAKS = {
  TCPSocketWrap: 'connection',
  TLSWrap: 'TLS connection',
  TCPServerWrap: 'listening server',
  PipeServerWrap: 'listening server',
  ProcessWrap: 'child process',
} as const;

/**
 * Node's environment with two duties at the end of every test file, after all of its hooks: it ends what the helpers started
 * (see after-file.ts), and it fails the file if that leaves a connection, a server or a process behind.
 * Timers are not counted: jest's own come and go. One that is left keeps jest from ending, which scripts/lib/jest.mjs reports.
 */
class TidyEnvironment extends TestEnvironment {
  readonly #before = countLeaks();

  override async setup(): Promise<void> {
    await super.setup();
    this.global.releasesAfterFile = [];
  }

  async handleTestEvent(event: CircusEvent, state: CircusState): Promise<void> {
    if (event.name !== 'run_finish') return;
    for (const release of (this.global.releasesAfterFile ?? []).reverse()) await release();
    const leaks = await this.#leaksThatStay();
    if (leaks.length > 0)
      state.unhandledErrors.push(errorWithoutStack(`This test file left open: ${leaks.join(', ')}`));
  }

  /** A socket that was closed a moment ago may take a few turns of the event loop to go. */
  async #leaksThatStay(): Promise<string[]> {
    const deadline = Date.now() + CLOSED_WITHIN_MS;
    for (;;) {
      const leaks = differences(this.#before, countLeaks());
      if (leaks.length === 0 || Date.now() > deadline) return leaks;
      await sleep(20);
    }
  }
}

/** The place in this file says nothing about the test that leaks. */
function errorWithoutStack(message: string): Error {
  const error = new Error(message);
  error.stack = message;
  return error;
}

function countLeaks(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const resource of process.getActiveResourcesInfo()) counts.set(resource, (counts.get(resource) ?? 0) + 1);
  return counts;
}

function differences(before: Map<string, number>, now: Map<string, number>): string[] {
  return Object.entries(LEAKS).flatMap(([resource, name]) => {
    const more = (now.get(resource) ?? 0) - (before.get(resource) ?? 0);
    return more > 0 ? [`${more} ${name}${more > 1 ? 's' : ''}`] : [];
  });
}

export default TidyEnvironment;
