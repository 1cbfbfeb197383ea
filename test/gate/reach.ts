import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The packages that a compiled file loads, itself or through the files that it requires. Types are gone by then, so that
 * a type that is taken from another file does not count, but a value does.
 */
export function packagesReachedFrom(file: string): Set<string> {
  const packages = new Set<string>();
  const seen = new Set<string>();
  const visit = (path: string) => {
    if (seen.has(path) || !existsSync(path)) return;
    seen.add(path);
    for (const [, wanted = ''] of readFileSync(path, 'utf8').matchAll(/(?:require|import)\(["']([^"']+)["']\)/g)) {
      if (wanted.startsWith('.')) visit(join(dirname(path), wanted));
      else packages.add(wanted);
    }
  };
  visit(file);
  return packages;
}
