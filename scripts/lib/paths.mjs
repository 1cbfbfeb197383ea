import { createHash } from 'node:crypto';
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder: the scripts work from wherever they are called. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export function inProject(...parts) {
  return join(ROOT, ...parts);
}

/** The full path of the first of these commands that stands on the PATH, or undefined. */
export function findOnPath(...commands) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return commands.flatMap((command) => folders.map((folder) => join(folder, command))).find(isExecutableFile);
}

function isExecutableFile(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The text of a file, or undefined where there is none: how a stamp of an earlier run is read. */
export function readIfThere(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

export function sha256(text) {
  return createHash('sha256').update(text).digest('hex');
}
