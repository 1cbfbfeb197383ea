import { findings, plant } from './planted.js';

const RULE = 'style/noRestrictedImports';
const ADMINS = ['fastify', 'prom-client'];
const SDKS = ['axios', '@aws-sdk/client-secrets-manager', '@smithy/node-http-handler', 'bullmq', 'ioredis', ...ADMINS];

/** For each file of the design: what it may import, and what it may not. */
const DIRECTIONS: { file: string; may: string[]; mayNot: string[] }[] = [
  ...['policy', 'rotation', 'revocation', 'sweep', 'request'].map((name) => ({
    file: `src/${name}.ts`,
    may: ['./types.js', './errors.js', 'node:crypto'],
    mayNot: [
      ...SDKS,
      './providers/http.js',
      './queue/names.js',
      './secrets-manager/client.js',
      '../jobs/worker.js',
      '../test/support/until.js',
    ],
  })),
  {
    file: 'src/providers/http.ts',
    may: ['axios', '../errors.js'],
    mayNot: [...SDKS.filter((name) => name !== 'axios'), '../../jobs/worker.js', '../../test/support/until.js'],
  },
  {
    file: 'src/providers/flinks.ts',
    may: ['./http.js', '../types.js'],
    mayNot: [...SDKS, '../../jobs/worker.js', '../../test/support/until.js'],
  },
  {
    file: 'src/secrets-manager/client.ts',
    may: ['@aws-sdk/client-secrets-manager', '@smithy/node-http-handler'],
    mayNot: [
      ...['axios', 'axios/lib/core.js', 'bullmq', 'ioredis', ...ADMINS],
      ...['../../jobs/worker.js', '../../test/support/until.js'],
    ],
  },
  {
    file: 'src/queue/connection.ts',
    may: ['bullmq', 'ioredis', '../types.js'],
    mayNot: [
      'axios',
      '@aws-sdk/client-secrets-manager',
      ...ADMINS,
      '../providers/flinks.js',
      '../../jobs/worker.js',
      '../../test/x.js',
    ],
  },
  {
    file: 'src/cli/rotate.ts',
    may: ['bullmq', 'ioredis', '../queue/names.js'],
    mayNot: ['axios', '@aws-sdk/client-secrets-manager', ...ADMINS, '../../jobs/worker.js', '../../test/x.js'],
  },
  {
    file: 'src/admin/server.ts',
    may: ['../queue/names.js', 'node:http', ...ADMINS],
    mayNot: [...SDKS.filter((name) => !ADMINS.includes(name)), '../../jobs/worker.js', '../../test/x.js'],
  },
  {
    file: 'jobs/worker.ts',
    may: ['bullmq', 'ioredis', './rotate-credential.js', '../src/secrets-manager/client.js'],
    mayNot: ['axios', '@aws-sdk/client-secrets-manager', ...ADMINS, '../test/support/until.js'],
  },
  {
    file: 'test/integration/some.test.ts',
    may: [...SDKS, '../../jobs/worker.js', '../../src/policy.js'],
    mayNot: [],
  },
];

test('every import against the design is refused, and no other', async () => {
  const folder = plant(
    Object.fromEntries(DIRECTIONS.map(({ file, may, mayNot }) => [file, imports([...may, ...mayNot])])),
  );

  const refused = DIRECTIONS.flatMap(({ file, may, mayNot }) =>
    mayNot.map((_, index) => `${file}:${may.length + index + 1}`),
  );
  expect(await findings(folder, RULE)).toEqual(refused.sort());
});

test('an import is refused in whatever way it is written', async () => {
  const folder = plant({
    'src/rotation.ts': [
      "import type { AxiosError } from 'axios';",
      "export * from 'axios';",
      "export const later = import('axios');",
      "import old = require('axios');",
      "import 'axios';",
    ].join('\n'),
  });

  expect(await findings(folder, RULE)).toEqual([1, 2, 3, 4, 5].map((line) => `src/rotation.ts:${line}`));
});

test('require, which the directions do not see, is refused altogether', async () => {
  const folder = plant({ 'src/rotation.ts': "export const axios = require('axios');\n" });

  expect(await findings(folder, 'style/noCommonJs')).toEqual(['src/rotation.ts:1']);
});

function imports(sources: string[]): string {
  return sources.map((source, index) => `import * as name${index} from '${source}';\n`).join('');
}
