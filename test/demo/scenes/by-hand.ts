import { CAST } from '../cast';
import { subjectOf } from '../demo-company';
import type { Stage } from '../stage';
import { deleteOldToken, importToken } from './finout-token';
import { changePartnerSecret } from './partner-secret';

/** The two kinds that no vendor issues: another Finout token is brought, and meanwhile the partner secret changed twice. */
export async function byHand(stage: Stage): Promise<void> {
  const { sandbox, company, say, endScene } = stage;
  const subject = subjectOf(company, CAST.token);
  const [old] = sandbox.control.grants({ kind: 'finout-api-token', subject });
  say('4. A person has made another Finout token, and brings it.');
  await importToken(stage);
  await changePartnerSecret(stage);
  await deleteOldToken(stage, old?.grantId ?? '');
  endScene();
}
