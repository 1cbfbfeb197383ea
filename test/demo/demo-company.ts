import type { Sandbox } from '../sandbox/start';
import { type Company, foundCompany } from '../support/company';
import { temporaryFolder } from '../support/temporary-folder';
import { CAST } from './cast';

const PER_KIND = 3;
/** Short enough to watch. */
export const POLICY = { rotateEvery: '12s', grace: '3s' } as const;
/** On a slow machine too these are to be as their scenes need them. */
const NOT_BY_AGE = [CAST.rolledBack, CAST.staged, ...CAST.answerLost];
/** Longer than it takes the slowest machine to see what is under way. */
const TIMEOUT = '6s';
/** What a person makes, and what may change every 30 days only, is not replaced by age here. */
const SLOW = { 'finicity-partner-secret': { rotateEvery: '180d' }, 'finout-api-token': { rotateEvery: '365d' } };

/** Three of each kind that is issued, one Finout token, and the partner secret, which a person is to import. */
export function foundDemo(sandbox: Sandbox): Company {
  const defaults = { ...POLICY, ...SLOW };
  const given = { perKind: PER_KIND, tokens: 1, partnerSecret: 'to-be-imported', timeout: TIMEOUT, defaults } as const;
  const company = foundCompany(sandbox, temporaryFolder(), given);
  editEntry(company, CAST.extended, { renewal: 'extend' });
  for (const id of NOT_BY_AGE) editEntry(company, id, { rotateEvery: '1h' });
  return company;
}

/** Writes these fields into one entry of the manifest. */
export function editEntry(company: Company, id: string, fields: Readonly<Record<string, unknown>>): void {
  company.edit((manifest) => {
    manifest.credentials = manifest.credentials.map((entry) => (entry.id === id ? { ...entry, ...fields } : entry));
  });
}

/** What a credential opens at its vendor. */
export function subjectOf({ credentials, tokens }: Company, id: string): string {
  const found = [...credentials, ...tokens].find((credential) => credential.id === id);
  if (found === undefined) throw new Error(`the demo's company has no credential ${id}`);
  return found.subject;
}
