import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const healthcheck = z.strictObject({
  test: z.array(z.string()),
  interval: z.string(),
  timeout: z.string(),
  retries: z.int(),
});

/** The fields that our file uses, and no others: a new one is to be thought of here. */
const service = z.strictObject({
  image: z.string(),
  build: z.strictObject({ context: z.literal('.'), target: z.enum(['worker', 'sandbox']) }).optional(),
  profiles: z.array(z.enum(['production', 'demo'])).default([]),
  command: z.array(z.string()).optional(),
  user: z.string().optional(),
  restart: z.literal('unless-stopped').optional(),
  environment: z.record(z.string(), z.string()).default({}),
  env_file: z.array(z.strictObject({ path: z.string(), required: z.boolean() })).default([]),
  network_mode: z.string().optional(),
  volumes: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.strictObject({ condition: z.string() })).default({}),
  healthcheck: healthcheck.optional(),
  stop_grace_period: z.string().optional(),
  read_only: z.boolean().optional(),
  cap_drop: z.array(z.string()).optional(),
  security_opt: z.array(z.string()).optional(),
});
export type Service = z.output<typeof service>;

const NAMES = ['worker', 'redis', 'sandbox', 'demo-worker'] as const;
const compose = z.looseObject({ services: z.strictObject(Object.fromEntries(NAMES.map((name) => [name, service]))) });

/** docker-compose.yml, its merge keys resolved. */
export function readCompose(): Readonly<Record<(typeof NAMES)[number], Service>> {
  const text = readFileSync(join(__dirname, '../../../docker-compose.yml'), 'utf8');
  const { services } = compose.parse(parse(text, { merge: true }));
  const of = (name: string): Service => service.parse(services[name]);
  return { worker: of('worker'), redis: of('redis'), sandbox: of('sandbox'), 'demo-worker': of('demo-worker') };
}

/** `150s` in ms. */
export function composeMs(text: string): number {
  const [, seconds] = /^(\d+)s$/.exec(text) ?? [];
  if (seconds === undefined) throw new Error(`a time of docker-compose.yml that is not in seconds: ${text}`);
  return Number(seconds) * 1_000;
}
