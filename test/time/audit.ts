import { parseTags } from '../../src/rotation-tags';
import type { Credential } from '../../src/types';
import type { Company } from './company';

/** What is wrong with a credential when the years are over: of the promises of nothing lost, nothing leaked. */
export function auditCredential({ world, vendorOf, isHeld }: Company, credential: Credential): string[] {
  const tags = world.aws.named(credential.secretName).secret?.tags;
  const { suspects, unrevoked } = parseTags(Object.fromEntries(tags ?? []));
  const live = [...vendorOf(credential).live.keys()];
  const works = live.some((grant) => isHeld(credential, grant, 'AWSCURRENT'));
  const lost = works ? [] : [`lost: AWSCURRENT of ${credential.id} is dead`];
  if (suspects.length > 0 || unrevoked.length > 0 || credential.kind === 'finicity-partner-secret') return lost;
  const known = (grant: string): boolean =>
    ['AWSCURRENT', 'AWSPREVIOUS'].some((label) => isHeld(credential, grant, label));
  const loose = live.filter((grant) => !known(grant));
  return [...lost, ...loose.map((grant) => `leaked: ${grant} of ${credential.id} is alive, and nobody knows`)];
}
