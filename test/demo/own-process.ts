import { type OwnProcess, startProcess } from '../support/processes';

interface Given {
  /** All that it gets to know: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  readonly input?: string;
}

/** Starts a script of the product. */
export function startAlone(script: string, { env, args = [], input }: Given): OwnProcess {
  const none = Object.fromEntries(Object.keys(process.env).map((name) => [name, undefined]));
  return startProcess(process.execPath, {
    args: [script, ...args],
    env: { ...none, ...env },
    ...(input === undefined ? {} : { input }),
  });
}
