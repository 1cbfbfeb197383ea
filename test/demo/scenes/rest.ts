import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import type { Stage } from '../stage';

const manifestSchema = z.looseObject({ defaults: z.looseObject({}) });

/** The same manifest under which values may become older. */
export function calmManifest(path: string, rotateEvery: string): string {
  const manifest = manifestSchema.parse(parse(readFileSync(path, 'utf8')));
  const calm = join(path, '..', 'rotation-calm.yaml');
  writeFileSync(calm, stringify({ ...manifest, defaults: { ...manifest.defaults, rotateEvery } }));
  return calm;
}

/** Ends it in the middle of its work, and starts it under a policy of hours, so that all comes to rest. */
export async function rest({ worker, start, company, fleet, say, until, endScene }: Stage): Promise<void> {
  say('6. SIGTERM while it has work; then a policy of hours: what is unfinished');
  say('   is finished, and the replaced grants are revoked as their grace ends.');
  await until('work', () => fleet().some(({ decision }) => decision.state === 'due'));
  await worker.stop();
  endScene();
  await start(calmManifest(company.manifestPath, '1h'));
  await until('rest', () => fleet().every(({ decision }) => decision.state === 'fresh'));
  await worker.stop();
}
