import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { startNode } from '../support/processes.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const ROOT = join(__dirname, '../../..');

/** A folder with the project's own settings and these files in it (path to text). */
export function plant(files: Record<string, string>): string {
  const folder = temporaryFolder();
  for (const settings of ['biome.json', 'biome.imports.jsonc', 'knip.json', 'tsconfig.json', '.gitignore']) {
    cpSync(join(ROOT, settings), join(folder, settings));
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** Runs a tool of the gate in a folder, and gives all that it says. */
export async function runTool(
  folder: string,
  script: string,
  ...args: string[]
): Promise<{ code: number; output: string }> {
  const tool = startNode(join(ROOT, 'node_modules', script), { args, cwd: folder });
  const { code } = await tool.exited;
  return { code: code ?? -1, output: tool.stdout() + tool.stderr() };
}

/** What biome finds by one of its rules, as `path:line`. */
export async function findings(folder: string, rule: string): Promise<string[]> {
  const args = ['lint', `--only=${rule}`, '--reporter=github', '--max-diagnostics=none'];
  const { output } = await runTool(folder, '@biomejs/biome/bin/biome', ...args);
  const errors = output.matchAll(/^::error title=lint\/(\S+?),file=(.+?),line=(\d+)/gm);
  return [...errors]
    .filter(([, title]) => title === rule)
    .map(([, , file, line]) => `${file?.replace(`${folder}/`, '')}:${line}`)
    .sort();
}
