import { dirname, join, relative, resolve } from 'node:path';
import { glob } from 'tinyglobby';

interface IncludedFile {
  readonly path: string;
  /** Relative to where the manifest was named. */
  readonly name: string;
}

export interface Included {
  /** In the order of their names, whatever the file system's; each file once. */
  readonly files: readonly IncludedFile[];
  /** Positions of the globs that match nothing. */
  readonly matchless: readonly number[];
}

/** The files that the globs of a manifest match; the globs are relative to its folder, and never match itself. */
export async function findIncluded(manifest: string, globs: readonly string[]): Promise<Included> {
  const folder = dirname(resolve(manifest));
  const found = await Promise.all(
    globs.map((pattern) => glob(pattern, { cwd: folder, absolute: true, onlyFiles: true, expandDirectories: false })),
  );
  const others = found.map((paths) => paths.filter((path) => path !== resolve(manifest)));
  const files = [...new Set(others.flat())].sort().map((path) => ({
    path,
    name: join(dirname(manifest), relative(folder, path)),
  }));
  return { files, matchless: globs.map((_, i) => i).filter((i) => others[i]?.length === 0) };
}
