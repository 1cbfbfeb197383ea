import { readSettings } from './settings';
import { type SandboxUrls, startSandbox } from './start';

/** `npm run sandbox [-- --json]`: all stand-ins, alone, until SIGTERM or SIGINT; see settings.ts for its variables. */
async function main(): Promise<void> {
  // Before anything is said: whoever reads the line may send the signal at once.
  const asked = Promise.race(
    ['SIGTERM', 'SIGINT'].map((signal) => new Promise((heard) => process.once(signal, heard))),
  );
  const { ports, seed } = readSettings(process.env);
  const sandbox = await startSandbox({ ports });
  seed(sandbox);
  console.log(process.argv.includes('--json') ? JSON.stringify(sandbox.urls) : describe(sandbox.urls));
  await asked;
  await sandbox.stop();
  process.exit(0);
}

function describe(urls: SandboxUrls): string {
  const lines = Object.entries(urls).map(([name, url]) => `  ${name.padEnd(18)} ${url}`);
  return [
    'The sandbox is running. Nothing in it is real, and it keeps nothing.',
    ...lines,
    'Stop it with Ctrl-C.',
  ].join('\n');
}

void main();
