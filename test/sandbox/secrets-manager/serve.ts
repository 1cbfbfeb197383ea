/** The stand-in as a process of its own: `node dist/test/sandbox/secrets-manager/serve.js [PORT]`. Options: PUT /_sandbox/options. */
import { startSecretsManager } from './server';

async function main(): Promise<void> {
  const port = Number(process.argv[2] ?? 0);
  const { url, close } = await startSecretsManager({ port });
  console.log(url);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void close());
}

void main();
