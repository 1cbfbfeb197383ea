import { type SandboxUrls, startSandbox } from './start';

/** `npm run sandbox [-- --json]`: all stand-ins, alone, until SIGTERM or SIGINT. */
async function main(): Promise<void> {
  const sandbox = await startSandbox();
  console.log(process.argv.includes('--json') ? JSON.stringify(sandbox.urls) : describe(sandbox.urls));
  const stop = (): void => {
    sandbox.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

function describe(urls: SandboxUrls): string {
  const lines = Object.entries(urls).map(([name, url]) => `  ${name.padEnd(18)} ${url ?? '(not started)'}`);
  return [
    'The sandbox is running. Nothing in it is real, and it keeps nothing.',
    ...lines,
    'Stop it with Ctrl-C.',
  ].join('\n');
}

void main();
