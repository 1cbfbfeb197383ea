import { lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { findOnPath, inProject, readIfThere, sha256 } from './paths.mjs';
import { runToStderr } from './run.mjs';
import { SetupError, say } from './say.mjs';

const STAMP = inProject('node_modules/.installed-for');

/** Runs `npm ci`, unless node_modules was installed for this very package-lock.json, platform and major version of Node. */
export async function installDependencies() {
  refuseOldNode();
  if (isSymbolicLink(inProject('node_modules'))) return;
  const wanted = fingerprint();
  if (readIfThere(STAMP) === wanted) return;
  say('Installing the dependencies (npm ci) …');
  await npmCi();
  writeFileSync(STAMP, wanted);
}

function refuseOldNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new SetupError(`Node ${process.versions.node} is too old: install Node 20.19 or newer.`);
}

/** node_modules of a git worktree may point into another one: `npm ci` would empty that one under its owner's feet. */
function isSymbolicLink(path) {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

function fingerprint() {
  const lock = sha256(readFileSync(inProject('package-lock.json'), 'utf8'));
  return `${lock} ${process.platform} ${process.arch} node ${process.versions.modules}\n`;
}

async function npmCi() {
  if (!findOnPath('npm'))
    throw new SetupError('There is no npm on the PATH: install it (it comes with Node) and try again.');
  const code = await runToStderr('npm', ['ci', '--include=dev', '--no-audit', '--no-fund']);
  if (code === 0) return;
  throw new SetupError(
    `npm ci failed (exit code ${code}); its reason stands above. It needs the npm registry (npm config get registry) and a package-lock.json that fits package.json (npm install mends that).`,
  );
}
