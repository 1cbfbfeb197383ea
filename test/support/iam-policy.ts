import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Policy, policySchema } from '../sandbox/secrets-manager/iam/policy';

/** The words to be filled in: here the stand-in's account, and the names that a company in the sandbox gives to its secrets. */
export const PLACES = {
  REGION: 'us-east-1',
  ACCOUNT: '123456789012',
  MANAGED: 'credentials',
  OWN: 'own',
  PARTNER: 'own/finicity_partner',
  KEY: 'rotation',
} as const;

/** iam-policy.json, its words filled in for the sandbox. A word that is not known allows nothing. */
export function iamPolicy(): Policy {
  const text = readFileSync(join(__dirname, '../../../iam-policy.json'), 'utf8');
  const filled = text.replace(/(?<=[:./])[A-Z]+(?=[:./"-])/g, (name) => places.get(name) ?? name);
  return policySchema.parse(JSON.parse(filled));
}

const places = new Map<string, string>(Object.entries(PLACES));
