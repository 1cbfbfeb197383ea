import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { seedSchema } from './seed';
import type { Sandbox, SandboxOptions } from './start';

/** What a sandbox of its own process begins with. */
export interface Settings {
  readonly ports: NonNullable<SandboxOptions['ports']>;
  /** Puts there what the seed file says. */
  readonly seed: (sandbox: Sandbox) => void;
}

const SERVERS = ['secretsManager', 'flinksOutbound', 'flinksDataSharing', 'finicity', 'inspection'] as const;

/** What lives at the vendors beforehand, and what Secrets Manager holds: by the secret's name, stored as JSON. */
const seedFile = z.strictObject({
  vendors: seedSchema.prefault({}),
  secrets: z.record(z.string(), z.record(z.string(), z.string())).default({}),
});

const portsSchema = z
  .string()
  .regex(/^\d{1,5}( \d{1,5}){4}$/, `five numbers with a space between: ${SERVERS.join(', ')}`)
  .transform((text) => text.split(' ').map(Number));

/**
 * SANDBOX_PORTS: the five ports, by default free ones. SANDBOX_SEED: a YAML file, by default nothing is there.
 * @throws z.ZodError, or the error of reading the file
 */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const numbers = env.SANDBOX_PORTS === undefined ? [] : portsSchema.parse(env.SANDBOX_PORTS);
  const ports = Object.fromEntries(numbers.map((port, n) => [SERVERS[n], port]));
  if (env.SANDBOX_SEED === undefined) return { ports, seed: () => undefined };
  const { vendors, secrets } = seedFile.parse(parse(readFileSync(env.SANDBOX_SEED, 'utf8')));
  return {
    ports,
    seed({ control, secretsManager: { store } }) {
      control.seed(vendors);
      for (const [Name, value] of Object.entries(secrets)) {
        const ClientRequestToken = `seeded-${Name}${'0'.repeat(64)}`.slice(0, 64);
        store.CreateSecret({ Name, SecretString: JSON.stringify(value), ClientRequestToken });
      }
    },
  };
}
