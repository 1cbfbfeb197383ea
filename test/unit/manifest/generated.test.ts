// What is made of the code and committed: after a change, UPDATE_GENERATED=1 writes it anew.

import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { loadManifest } from '../../../src/manifest';
import { manifestJsonSchema } from '../../../src/manifest/json-schema';
import { policyTable } from '../../../src/manifest/policy-table';
import { expectCurrent } from '../../support/generated';

describe('rotation.schema.json', () => {
  it('is what the code says', () => {
    expectCurrent('rotation.schema.json', manifestJsonSchema);
  });

  const schema = z.fromJSONSchema(JSON.parse(manifestJsonSchema()));
  const example = readFileSync('rotation.example.yaml', 'utf8');

  it('accepts the example', () => {
    expect(schema.safeParse(parse(example)).error?.issues).toBeUndefined();
  });

  it.each([
    ['a misspelt field', 'partnerName:', 'partnerNme:'],
    ['a duration that is none', 'rotateEvery: 90d', 'rotateEvery: 90 days'],
    ['a literal secret', 'appKey: { env: FINICITY_APP_KEY }', 'appKey: hunter2'],
    ['a partner secret from the environment', 'partnerSecret: {', 'partnerSecret: { env: X } # {'],
    ['an unknown kind', 'kind: flinks-auth-secret', 'kind: flinks-auth'],
    ['an unknown section', 'limits:', 'limit:'],
  ])('marks %s', (_, good, bad) => {
    expect(example).toContain(good);
    expect(schema.safeParse(parse(example.replace(good, bad))).success).toBe(false);
  });
});

describe('the README', () => {
  it('has the table of policy fields between its markers', () => {
    const markers = /(<!-- policy-table -->\n)[\s\S]*?(\n<!-- \/policy-table -->)/;
    if (!existsSync('README.md')) return;
    expectCurrent('README.md', (text) => text.replace(markers, (_, start, end) => `${start}${policyTable()}${end}`));
    expect(readFileSync('README.md', 'utf8')).toMatch(markers);
  });
});

describe('rotation.example.yaml', () => {
  it('loads, with a credential of each kind and some from an included file', async () => {
    const { credentials } = await loadManifest('rotation.example.yaml');
    expect(new Set(credentials.map(({ kind }) => kind)).size).toBe(4);
    expect(credentials.length).toBeGreaterThan(3);
  });

  it.each(['rotation.example.yaml', 'credentials.example/outbound.yaml'])('tells editors its schema: %s', (file) => {
    expect(readFileSync(file, 'utf8')).toMatch(/^# yaml-language-server: \$schema=\.\.?\/rotation\.schema\.json\n/);
  });
});
