import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import type { State } from '../../../src/policy';
import { CAST } from '../cast';
import type { Row } from '../fleet';
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
  const { worker, fleet, sandbox, until, say } = stage;
  const route = 'flinks-data-sharing.generate';
  sandbox.control.addFaults({ kind: 'delay', route, hold: 'answer', ms: ANSWER_TAKES_MS });
  const about = { credential: CAST.rolledBack, reason: 'shortly before the end', requestedBy: 'ana' };
  await send(stage, 'rotate', about, ['accepted']);
  await until('a call that issues', () => issuing(fleet()) !== undefined && sandbox.control.faults().length === 0);
  const id = issuing(fleet());
  await worker.stop();
  const left = fleet().find(({ decision }) => decision.state === 'in-flight');
  if (left !== undefined) throw new Error(`${left.credential.id}: the worker did not wait for the vendor's answer`);
  say(`   ${id}: was in-flight, and its value is stored; exit code ${worker.exits.at(-1)}`);
}

/** Another than the one that was asked for where that has fallen due just now. */
const issuing = (rows: readonly Row[]): string | undefined =>
  rows.find(({ credential, decision }) => credential.kind === 'flinks-auth-secret' && decision.state === 'in-flight')
    ?.credential.id;
