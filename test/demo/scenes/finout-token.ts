import { CAST } from '../cast';
import { subjectOf } from '../demo-company';
import type { Stage } from '../stage';

const DAY_MS = 24 * 3_600_000;
const LIVES_MS = 180 * DAY_MS;

/** A person generates a token in Finout's Admin Portal and brings it. @returns its client id */
export async function importToken({ sandbox, company, rotator }: Stage): Promise<string> {
  const name = subjectOf(company, CAST.token);
  const { clientId, secretKey } = sandbox.control.adminPortal.generate({ name, expiresInMs: LIVES_MS });
  const ends = new Date(Date.now() + LIVES_MS).toISOString().slice(0, 10);
  const input = JSON.stringify({ clientId, secretKey });
  await rotator(['import', CAST.token, '--expires', ends], { input });
  return clientId;
}

/** The worker cannot delete a token: it lists the old one, a person deletes it in the portal and says so. */
export async function deleteOldToken(stage: Stage, clientId: string): Promise<void> {
  const { row, until, say, sandbox, rotator } = stage;
  const isListed = (): boolean => (row(CAST.token).seen?.tags.unrevoked.length ?? 0) > 0;
  await until('the old token to be listed', isListed);
  say(`   ${CAST.token}: grace is over; the old one is listed as unrevoked, and lives.`);
  sandbox.control.adminPortal.delete(clientId);
  say('   The person deletes it in the Admin Portal, and says so:');
  await rotator(['resolve', CAST.token, '--unrevoked', 'all', '--yes']);
  if (isListed()) throw new Error(`${CAST.token}: resolved, and still listed`);
}
