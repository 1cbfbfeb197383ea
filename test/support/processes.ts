import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterFile } from './after-file.js';
import { until } from './until.js';

export interface ProcessOptions {
  args?: string[];
  /** Added to this process's environment; `undefined` removes a variable. */
  env?: Record<string, string | undefined>;
  cwd?: string;
  /** What it reads on standard input, to its end; `typed`: what `type` gives it; else there is nothing to read. */
  input?: string | { typed: true };
  /** Another user than this process's; only root can start one. */
  user?: { uid: number; gid: number };
}

interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface OwnProcess {
  readonly pid: number;
  /** All that it printed so far. */
  stdout(): string;
  stderr(): string;
  /** Gives it a piece of standard input. */
  type(text: string): void;
  /** Waits for a line of either stream that contains the text or matches the pattern, and gives that line. */
  waitForLine(wanted: string | RegExp, options?: { withinMs: number }): Promise<string>;
  /** Sends a signal to this process alone and waits for its end. SIGKILL is a crash, SIGTERM asks for a graceful stop. */
  kill(signal: NodeJS.Signals): Promise<Exit>;
  /** Sends a signal and waits for nothing: SIGSTOP and SIGCONT pause a process. */
  signal(signal: NodeJS.Signals): void;
  readonly exited: Promise<Exit>;
}

/** Whether a process that need not be a child of ours runs. One that has ended and that nobody has asked about does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return !isZombie(pid);
}

/** Where process 1 of a container does not wait for its children, they stay in the table for ever (Linux only). */
function isZombie(pid: number): boolean {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8').split(')').at(-1) ?? '');
  } catch {
    return false;
  }
}

interface Output {
  stdout(): string;
  stderr(): string;
  isClosed(): boolean;
}

/** Starts a compiled script in a Node process of our own. It is killed at the end of the test file at the latest. */
export function startNode(script: string, options: ProcessOptions = {}): OwnProcess {
  return startProcess(process.execPath, { ...options, args: [script, ...(options.args ?? [])] });
}

/** Starts any program; see startNode. */
export function startProcess(command: string, options: ProcessOptions = {}): OwnProcess {
  const { args = [], env = {}, cwd, input, user } = options;
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
    ...user,
  });
  child.stdin.on('error', () => {}); // it may end without having read
  if (typeof input !== 'object') child.stdin.end(input ?? '');
  const output = { stdout: collect(child.stdout), stderr: collect(child.stderr), isClosed: watchClose(child) };
  const exited = exitOf(child, command);
  exited.catch(() => {});
  afterFile(() => killAndWait(child, exited));

  return {
    get pid() {
      return pidOf(child, command);
    },
    stdout: output.stdout,
    stderr: output.stderr,
    type: (text) => void child.stdin.write(text),
    waitForLine: (wanted, { withinMs } = { withinMs: 10_000 }) => waitForLine(output, wanted, withinMs),
    kill(signal) {
      child.kill(signal);
      return exited;
    },
    signal: (signal) => void child.kill(signal),
    exited,
  };
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    text += chunk;
  });
  return () => text;
}

/** Only when a child is closed has all of its output arrived; it may have exited before. */
function watchClose(child: ChildProcess): () => boolean {
  let closed = false;
  const close = () => {
    closed = true;
  };
  child.once('close', close).once('error', close);
  return () => closed;
}

function exitOf(child: ChildProcess, command: string): Promise<Exit> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new Error(`${command} could not be started: ${error.message}`)));
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
}

/** Killing does not wait where nobody can wait for it: outside jest this runs while the process exits. */
async function killAndWait(child: ChildProcess, exited: Promise<Exit>): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await exited.catch(() => {});
}

function pidOf(child: ChildProcess, command: string): number {
  if (child.pid === undefined) throw new Error(`${command} could not be started`);
  return child.pid;
}

async function waitForLine(output: Output, wanted: string | RegExp, withinMs: number): Promise<string> {
  const find = () => completeLines(output).find((line) => matches(line, wanted));
  const what = () => `the line ${wanted} in:\n${output.stdout()}${output.stderr()}`;
  await until(() => find() !== undefined || output.isClosed(), { withinMs, what });
  const line = find();
  if (line === undefined) throw new Error(`The process ended without ${what()}`);
  return line;
}

function completeLines({ stdout, stderr }: Output): string[] {
  return [stdout(), stderr()].flatMap((text) => text.split('\n').slice(0, -1));
}

function matches(line: string, wanted: string | RegExp): boolean {
  return typeof wanted === 'string' ? line.includes(wanted) : wanted.test(line);
}
