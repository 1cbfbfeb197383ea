import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Policy, policySchema } from '../sandbox/secrets-manager/iam/policy';

/** The stand-in's account, and the names that a company in the sandbox gives to its secrets. */
const PLACES = {
  REGION: 'us-east-1',
  ACCOUNT: '123456789012',
  MANAGED: 'credentials',
  OWN: 'own',
  PARTNER: 'own/finicity_partner',
  KEY: 'rotation',
} as const;

/** iam-policy.json, its placeholders filled in for the sandbox. A placeholder that is not known makes it allow nothing there. */
export function iamPolicy(): Policy {
  const text = readFileSync(join(__dirname, '../../../iam-policy.json'), 'utf8');
  const filled = text.replace(/(?<=[:./])[A-Z]+(?=[:./"-])/g, (name) => places.get(name) ?? name);
  return policySchema.parse(JSON.parse(filled));
}

const places = new Map<string, string>(Object.entries(PLACES));
