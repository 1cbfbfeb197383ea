import { POLICY } from '../demo-company';
import { extensionOf } from '../extension';
import type { Row } from '../fleet';
import type { Stage } from '../stage';

const BY_AGE_MS = 60_000;

/** Nobody asks: what is older than its policy allows is found by the sweeps. */
export async function sweeps(stage: Stage): Promise<void> {
  const { fleet, say, until, endScene } = stage;
  say(`6. Nobody asks now: the sweeps find what is ${POLICY.rotateEvery} old, and ${POLICY.grace} later they`);
  say('   have the replaced grants revoked.');
  const byAge = (): readonly Row[] => fleet().filter(({ credential }) => credential.policy.rotateEveryMs < BY_AGE_MS);
  const values = new Map(byAge().map(({ credential, seen }) => [credential.id, seen?.current?.id]));
  const before = extensionOf(stage);
  const isReplaced = (): boolean =>
    byAge().every(({ credential, seen }) => seen?.current?.id !== values.get(credential.id));
  await until('a rotation of every credential by its age', isReplaced);
  const after = extensionOf(stage);
  if (!after.isSame) throw new Error(`${after.credential}: was to be extended, and is another receipt`);
  say(`   ${after.credential}: extended, the same receipt: revision ${before.revision} -> ${after.revision}`);
  endScene();
}
