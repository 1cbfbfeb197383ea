import { readConfig } from '../config';

const WITHIN_MS = 4_000;
const WILDCARDS = ['0.0.0.0', '::'];

/** The HEALTHCHECK of the container: asks /healthz of the worker in this environment, exits 0 when it is alive, else says why on stderr. */
async function check(): Promise<void> {
  const { admin } = readConfig(process.env);
  if (admin === undefined || admin.port === 0) throw new Error('ADMIN_PORT names no port that could be asked');
  const host = WILDCARDS.includes(admin.host) ? '127.0.0.1' : admin.host;
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${admin.port}/healthz`;
  const { status } = await fetch(url, { signal: AbortSignal.timeout(WITHIN_MS) });
  if (status !== 200) throw new Error(`${url} answers ${status}`);
}

check().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
