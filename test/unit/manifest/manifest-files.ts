import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ConfigError } from '../../../src/errors';
import { loadManifest, type Manifest } from '../../../src/manifest';

const folders: string[] = [];

export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
}

/** Writes the files into a folder of their own. @returns the path of rotation.yaml */
export function written(files: string | Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'manifest-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(typeof files === 'string' ? { 'rotation.yaml': files } : files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return join(folder, 'rotation.yaml');
}

export const load = (files: string | Readonly<Record<string, string>>): Promise<Manifest> =>
  loadManifest(written(files));

/** What is wrong, without the name of the temporary folder. */
export async function problemsOf(
  files: string | Readonly<Record<string, string>>,
  env?: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const path = written(files);
  try {
    await loadManifest(path, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map((text) => text.replaceAll(`${dirname(path)}/`, ''));
    throw error;
  }
  return [];
}

/** Three accounts, one a line: lines 1 to 4. */
export const PROVIDERS = `providers:
  out: { vendor: flinks-outbound, clientId: dc-own, clientSecret: { env: OUT_SECRET } }
  sharing: { vendor: flinks-data-sharing, instance: toolbox, customerId: { env: CUSTOMER }, apiSecret: { secret: own/sharing, key: api } }
  mc: { vendor: finicity, partnerId: "123", appKey: { env: APP_KEY }, partnerSecret: { secret: own/mc, key: partner } }
`;

type Fields = Readonly<Record<string, unknown>>;

/** A sound entry in JSON, which is YAML, on one line; the fields given replace or, as undefined, remove its own. */
const entry = (own: Fields, fields: Fields): string => JSON.stringify({ ...own, ...fields });

export const recipient = (fields: Fields = {}): string =>
  entry({ id: 'app', kind: 'flinks-outbound-recipient', account: 'out', secret: 's/app', clientId: 'dc-app' }, fields);

export const partner = (fields: Fields = {}): string =>
  entry({ id: 'acme', kind: 'flinks-auth-secret', account: 'sharing', secret: 's/acme', partnerName: 'Acme' }, fields);

const PRODUCTS = [{ product: 'moneyTransferDetails', accountId: '5011' }];

export const accessKey = (fields: Fields = {}): string =>
  entry(
    {
      ...{ id: 'key', kind: 'finicity-access-key', account: 'mc', secret: 's/key' },
      ...{ customerId: '1005', thirdPartyPartnerId: '999', products: PRODUCTS },
    },
    fields,
  );

export const token = (fields: Fields = {}): string =>
  entry({ id: 'token', kind: 'finout-api-token', account: 'fo', secret: 's/token', tokenName: 'Cost reports' }, fields);

/** A manifest of the three accounts and these entries; the first stands in line 6. */
export const manifestOf = (...entries: readonly string[]): string =>
  `${PROVIDERS}${entries.length === 0 ? '' : 'credentials:\n'}${entries.map((text) => `  - ${text}\n`).join('')}`;
