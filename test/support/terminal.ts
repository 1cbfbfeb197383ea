import { type OwnProcess, startProcess } from './processes';
import { until } from './until';

export interface TerminalProcess extends OwnProcess {
  /** All that the terminal shows: what was printed on either stream, and what it echoes of what is typed. */
  screen(): string;
  /** Waits until this stands on the screen. */
  shows(text: string): Promise<void>;
}

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

/** A terminal that shows colours, whatever the one is (CI has none) that runs the tests. */
const TERMINAL = {
  TERM: 'xterm',
  CI: undefined,
  NO_COLOR: undefined,
  NODE_DISABLE_COLORS: undefined,
  FORCE_COLOR: undefined,
};

/**
 * Runs a program on a terminal of its own, by `script` of util-linux (Debian: bsdutils, which is always installed). The
 * terminal echoes what is typed unless the program tells it not to.
 */
export function startOnTerminal(
  command: string,
  args: readonly string[],
  env: Record<string, string>,
): TerminalProcess {
  const line = [command, ...args].map(quoted).join(' ');
  const process = startProcess('script', {
    args: ['--quiet', '--flush', '--return', '--echo', 'always', '--command', line, '/dev/null'],
    env: { ...TERMINAL, ...env },
    input: { typed: true },
  });
  const screen = (): string => process.stdout() + process.stderr();
  return {
    ...process,
    get pid() {
      return process.pid;
    },
    screen,
    async shows(text) {
      await until(() => screen().includes(text), {
        withinMs: 20_000,
        what: () => `the terminal shows ${text}: ${screen()}`,
      });
    },
  };
}
