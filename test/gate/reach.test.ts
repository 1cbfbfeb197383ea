import { join } from 'node:path';
import { plant } from './planted.js';
import { packagesReachedFrom } from './reach.js';

const COMPILED = join(__dirname, '../../src');

test.each(['policy', 'rotation', 'revocation'])('%s reaches no SDK through any other file', (name) => {
  const packages = [...packagesReachedFrom(join(COMPILED, `${name}.js`))];

  expect(packages.filter((source) => /^(axios|@aws-sdk\/|@smithy\/|bullmq|ioredis)/.test(source))).toEqual([]);
});

test('a package is reached through files in between, also by import()', () => {
  const folder = plant({
    'a.js': 'const b = require("./sub/b.js");\nconst c = import("zod");',
    'sub/b.js': 'require("../a.js");\nconst axios_1 = require("axios");',
  });

  expect(packagesReachedFrom(join(folder, 'a.js'))).toEqual(new Set(['axios', 'zod']));
});
