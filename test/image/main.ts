import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDockerfile } from './dockerfile';
import { parseDockerignore } from './dockerignore';
import { IMAGES_FILE, type Images } from './images';
import { makeBuilder } from './stages';

/** `node dist/test/image/main.js FOLDER`: performs the Dockerfile of the working directory into the folder, and leaves it unwritable. */
function main([folder]: readonly string[]): void {
  if (folder === undefined) throw new Error('name an empty folder');
  process.umask(0o022); // as an engine has it
  const context = process.cwd();
  const read = (name: string): string => readFileSync(join(context, name), 'utf8');
  const stages = parseDockerfile(read('Dockerfile'));
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const perform = makeBuilder({ stages, context, isSent: parseDockerignore(read('.dockerignore')), folder, say });
  const images: Images = { worker: perform('worker'), sandbox: perform('sandbox'), last: stages.at(-1)?.name ?? '' };
  writeFileSync(join(folder, IMAGES_FILE), JSON.stringify(images));
  const { status } = spawnSync('chmod', ['-R', 'a-w', folder], { stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`chmod ended with ${status}`);
}

main(process.argv.slice(2));
