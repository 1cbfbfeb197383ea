import { CAST } from '../cast';
import { editEntry, subjectOf } from '../demo-company';
import type { Stage } from '../stage';
import { send } from './messages';

const ID = CAST.retired;

/** One line in the manifest and SIGHUP: all its grants end, without grace. */
export async function retire(stage: Stage): Promise<void> {
  const { sandbox, company, say, until, row, endScene } = stage;
  say(`8. ${ID} is needed no more: the manifest says "state: retired", and the`);
  say('   worker reads it anew on SIGHUP.');
  editEntry(company, ID, { state: 'retired' });
  await stage.reload();
  await until(`the end of ${ID}`, () => row(ID).decision.state === 'retired');
  const grants = sandbox.control.grants({ kind: 'flinks-auth-secret', subject: subjectOf(company, ID) });
  if (grants.some(({ alive }) => alive)) throw new Error(`${ID}: retired, and a grant of it lives`);
  say(`   ${ID}: all of its ${grants.length} grants are dead, that of AWSCURRENT too`);
  await send(stage, 'rotate', { credential: ID, reason: 'too late', requestedBy: 'ana' }, ['refused']);
  endScene();
}
