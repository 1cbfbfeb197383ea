import { readSettings } from './settings';

/** The HEALTHCHECK of the image `sandbox`: exits 0 when the inspection door answers at its port of SANDBOX_PORTS. */
async function main(): Promise<number> {
  const { inspection } = readSettings({ SANDBOX_PORTS: process.env.SANDBOX_PORTS }).ports;
  const { ok } = await fetch(`http://127.0.0.1:${inspection}/counters`);
  return ok ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  () => process.exit(1),
);
