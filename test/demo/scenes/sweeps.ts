import { POLICY, type Stage } from '../stage';

/** Nobody asks: what is older than its policy allows is found by the sweeps. */
export async function sweeps({ fleet, say, until, endScene }: Stage): Promise<void> {
  say(`3. Nobody asks now: the sweeps find what is ${POLICY.rotateEvery} old, and ${POLICY.grace} later they`);
  say('   have the replaced grants revoked.');
  const values = new Map(fleet().map(({ credential, seen }) => [credential.id, seen?.current?.id]));
  const isReplaced = (): boolean =>
    fleet().every(({ credential, seen }) => seen?.current?.id !== values.get(credential.id));
  await until('a rotation of every credential by its age', isReplaced);
  endScene();
}
