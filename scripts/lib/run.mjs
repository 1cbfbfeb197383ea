import { spawn } from 'node:child_process';
import { ROOT } from './paths.mjs';
import { exitCodeOf, sendSignalsTo } from './signals.mjs';

const STOP_WITHIN_MS = 5_000;

/** Runs a set-up command to its end and gives its exit code. Its output goes to stderr, it cannot ask questions. */
export function runToStderr(command, args, env = process.env) {
  return exitCode(spawn(command, args, { cwd: ROOT, env, stdio: ['ignore', 2, 2] }));
}

/** Runs a command to its end and gives its exit code and all that it printed, so that a check can stay silent when it is content. */
export async function runCollecting(command, args, env) {
  const child = spawn(command, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const collect = (chunk) => {
    output += chunk;
  };
  child.stdout.setEncoding('utf8').on('data', collect);
  child.stderr.setEncoding('utf8').on('data', collect);
  return { code: await exitCode(child), output };
}

/**
 * Runs the program that a script is about, and gives its exit code. It gets a process group of its own, so that
 * whatever it leaves behind (a worker that a test started, a Redis) ends with it. SIGINT and SIGTERM are passed on to the
 * whole group; whoever has not ended a few seconds later is killed. `onStart` gets the child.
 */
export async function runProgram(args, env, onStart = () => {}) {
  const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: 'inherit', detached: true });
  const killGroup = () => signalGroup(child.pid, 'SIGKILL');
  process.once('exit', killGroup);
  const stopForwarding = forwardSignals(child.pid);
  onStart(child);
  try {
    return await exitCode(child);
  } finally {
    stopForwarding();
    process.off('exit', killGroup);
    killGroup();
  }
}

/** A terminal's Ctrl-C arrives twice (from the terminal and from npm), so a second signal means nothing. */
function forwardSignals(pid) {
  let deadline;
  const stopReceiving = sendSignalsTo((signal) => {
    if (deadline) return;
    signalGroup(pid, signal);
    deadline = setTimeout(() => signalGroup(pid, 'SIGKILL'), STOP_WITHIN_MS);
  });
  return () => {
    clearTimeout(deadline);
    stopReceiving();
  };
}

export function signalGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

function exitCode(child) {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? exitCodeOf(signal)));
  });
}
