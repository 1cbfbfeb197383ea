import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Image } from './stages';

/** What `main.ts` made of the Dockerfile. */
export interface Images {
  readonly worker: Image;
  readonly sandbox: Image;
  /** The stage that a build makes where no target is named. */
  readonly last: string;
}

export const IMAGES_FILE = 'images.json';

export const readImages = (folder: string): Images => JSON.parse(readFileSync(join(folder, IMAGES_FILE), 'utf8'));
