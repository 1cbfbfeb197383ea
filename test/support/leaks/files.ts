import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Place } from './place';

/** Every file below a folder, with what it holds, and the names of files and folders. */
export function placesInFolder(folder: string): readonly Place[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    const path = join(entry.parentPath, entry.name);
    const name = { where: `the name of a file in ${folder}`, text: entry.name };
    return entry.isFile() ? [name, { where: `file ${path}`, text: readFileSync(path) }] : [name];
  });
}
