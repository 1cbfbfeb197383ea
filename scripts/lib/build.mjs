import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { inProject, ROOT, readIfThere, sha256 } from './paths.mjs';
import { runToStderr } from './run.mjs';
import { say } from './say.mjs';

const SOURCE_FOLDERS = ['src', 'jobs', 'test'];
const STAMP = inProject('dist/.built-from');
const TSC_STATE = inProject('dist/.tsbuildinfo');

/**
 * Compiles what has changed and says whether the types hold. Does nothing where dist was built from these very sources.
 * Output of a source that is gone is removed: a deleted test would otherwise go on running.
 */
export async function build() {
  const sources = listFiles(SOURCE_FOLDERS.map((folder) => inProject(folder))).filter(isSource);
  removeStaleOutput();
  const complete = sources.every((source) => existsSync(outputOf(source)));
  const wanted = fingerprint(sources);
  if (complete && readIfThere(STAMP) === wanted) return true;
  // tsc's memory of the last build would make it leave out what somebody deleted from dist.
  if (!complete) rmSync(TSC_STATE, { force: true });
  say('Building (tsc) …');
  rmSync(STAMP, { force: true });
  const code = await runToStderr(process.execPath, [
    inProject('node_modules/typescript/bin/tsc'),
    '-p',
    inProject('tsconfig.json'),
  ]);
  if (code === 0) writeFileSync(STAMP, wanted);
  return code === 0;
}

function isSource(path) {
  return path.endsWith('.ts') && !path.endsWith('.d.ts');
}

function outputOf(source) {
  return inProject('dist', relative(ROOT, source).replace(/\.ts$/, '.js'));
}

function sourceOf(output) {
  return inProject(relative(inProject('dist'), output).replace(/\.js(\.map)?$/, '.ts'));
}

function removeStaleOutput() {
  const output = listFiles(SOURCE_FOLDERS.map((folder) => inProject('dist', folder)));
  for (const file of output) {
    if (/\.js(\.map)?$/.test(file) && !existsSync(sourceOf(file))) rmSync(file);
  }
}

/** Names, times and sizes tell a change well enough, and reading them takes a few milliseconds. */
function fingerprint(sources) {
  const states = sources.map((path) => {
    const { mtimeMs, size } = statSync(path);
    return `${path} ${mtimeMs} ${size}`;
  });
  const settings = ['tsconfig.json', 'package-lock.json'].map((name) => readFileSync(inProject(name), 'utf8'));
  return sha256([...states.sort(), ...settings].join('\n'));
}

function listFiles(folders) {
  return folders
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder, { recursive: true }).map((name) => `${folder}${sep}${name}`))
    .filter((path) => statSync(path).isFile());
}
