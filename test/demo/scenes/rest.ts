import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import type { State } from '../../../src/decision';
import { CAST } from '../cast';
import { subjectOf } from '../demo-company';
import type { Stage } from '../stage';
import { send } from './messages';

const manifestSchema = z.looseObject({ defaults: z.looseObject({}) });

/** The same manifest under which values may become older. */
export function calmManifest(path: string, rotateEvery: string): string {
  const manifest = manifestSchema.parse(parse(readFileSync(path, 'utf8')));
  const calm = join(path, '..', 'rotation-calm.yaml');
  writeFileSync(calm, stringify({ ...manifest, defaults: { ...manifest.defaults, rotateEvery } }));
  return calm;
}

const ISSUING = CAST.rolledBack;
const ANSWER_TAKES_MS = 1_500;
const AT_REST: readonly State[] = ['fresh', 'retired'];

/** Ends it while a vendor is at work, and starts it under a policy of hours, so that all comes to rest. */
export async function rest(stage: Stage): Promise<void> {
  const { worker, start, company, fleet, say, until, endScene } = stage;
  say('11. SIGTERM while a vendor takes its time: the answer is awaited and stored.');
  await stopWhileIssuing(stage);
  endScene();
  say('12. Under a policy of hours all comes to rest, as the grace periods end.');
  await start(calmManifest(company.manifestPath, '1h'));
  await until('rest', () => fleet().every(({ decision: { state } }) => AT_REST.includes(state)));
  await worker.stop();
}

async function stopWhileIssuing(stage: Stage): Promise<void> {
  const { worker, company, row, sandbox, until, say } = stage;
  const pathContains = encodeURIComponent(subjectOf(company, ISSUING));
  const route = 'flinks-data-sharing.generate';
  sandbox.control.addFaults({ kind: 'delay', route, pathContains, hold: 'answer', ms: ANSWER_TAKES_MS });
  const about = { credential: ISSUING, reason: 'shortly before the end', requestedBy: 'ana' };
  await send(stage, 'rotate', about, ['accepted']);
  const isIssuing = (): boolean => row(ISSUING).decision.state === 'in-flight';
  await until('a call that issues', () => isIssuing() && sandbox.control.faults().length === 0);
  await worker.stop();
  if (isIssuing()) throw new Error(`${ISSUING}: the worker stopped without waiting for the vendor's answer`);
  say(`   ${ISSUING}: was in-flight, and its value is stored; exit code ${worker.exits.at(-1)}`);
}
