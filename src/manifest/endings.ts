// `adopt`, `state` and `deleteSecret` of an entry: how a credential begins that exists already, and how one ends.

import { z } from 'zod';
import type { Adoption, Kind } from '../types';
import { parseVersionId } from '../version-ids';
import type { LooseEntry } from './entries';
import type { Finding } from './problems';

const VERSION_HELP =
  'is no id of a version: write one of 32 to 64 characters (aws secretsmanager describe-secret shows them under VersionIdsToStages)';

const versionId = z.string().regex(/^[\x21-\x7e]{32,64}$/, { error: VERSION_HELP });
// Not quoted: a PermissionId lets an authenticated caller read the secret.
const grantId = z.string().regex(/^[A-Za-z0-9._-]{1,128}$/, {
  error: 'is no grant id: write the PermissionId or the receipt id as the vendor gave it, in quotes',
});

const DETAILS = z.strictObject({
  grants: z
    .record(versionId, grantId)
    .describe('id of a version: id of its grant, where the fields of its value do not hold it')
    .default({}),
  drops: z.array(z.string().min(1)).describe('names in the present value that a rotation may leave out').default([]),
});

/** undefined: not to be adopted. */
export const ADOPT = z
  .union([z.boolean(), DETAILS], { error: 'write true, or { grants: { VERSION-ID: GRANT-ID }, drops: [NAME] }' })
  .transform((given): Adoption | undefined => {
    if (typeof given !== 'boolean') return given;
    return given ? { grants: {}, drops: [] } : undefined;
  })
  .describe('take a secret that holds a value already as it is; default false: such a secret is left alone');

export const STATE = z
  .enum(['active', 'retired'])
  .describe('active, which is the default, or retired: every grant is revoked, nothing is issued any more');

export const DELETE_SECRET = z
  .boolean()
  .describe('only with state: retired; is the secret deleted afterwards (30 days to call it off)? default false');

export function endingFindings({ kind, state, deleteSecret, adopt }: LooseEntry): Finding[] {
  const early = deleteSecret === true && state !== 'retired';
  const text = 'deletes the secret of a credential that is retired: write state: retired as well, or remove it';
  return [
    ...(early ? [{ path: ['deleteSecret'], text }] : []),
    ...(kind === undefined || adopt === undefined ? [] : grantFindings(kind, adopt)),
  ];
}

/** Where the id of a grant is all that revoking it needs. */
const REVOKED_BY_ID: readonly Kind[] = ['flinks-auth-secret', 'finicity-access-key'];

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function grantFindings(kind: Kind, { grants }: Adoption): Finding[] {
  const versions = Object.keys(grants);
  if (versions.length > 0 && !REVOKED_BY_ID.includes(kind)) {
    return [{ path: ['adopt', 'grants'], text: `names grants, and nothing of a ${kind} is revoked by one: remove it` }];
  }
  const find = (version: string, text: string): Finding => ({ path: ['adopt', 'grants', version], text });
  return versions.flatMap((version) => [
    ...(parseVersionId(version).is === 'foreign'
      ? []
      : [find(version, 'is a version that the worker wrote, and its value holds its grant: remove it')]),
    ...(kind !== 'flinks-auth-secret' || UUID.test(grants[version] ?? '')
      ? []
      : [find(version, 'is no UUID, as every PermissionId is: copy it from the answer that held it')]),
  ]);
}
