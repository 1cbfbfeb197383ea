import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface LockFile {
  packages: Record<string, { optionalDependencies?: Record<string, string> }>;
}

/**
 * A registry that lacks the binaries of some platforms leaves them out of the lock file that `npm install` writes, without a
 * word. `npm ci` then refuses that lock file, everywhere. Mend: `npm install` against a registry that has them all.
 */
test('package-lock.json names the packages of every platform, so that npm ci accepts it', () => {
  const path = join(__dirname, '../../../package-lock.json');
  const { packages }: LockFile = JSON.parse(readFileSync(path, 'utf8'));
  const wanted = Object.values(packages).flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}));
  const present = new Set(Object.keys(packages).map((place) => place.split('node_modules/').at(-1)));

  expect(wanted.filter((name) => !present.has(name))).toEqual([]);
});
