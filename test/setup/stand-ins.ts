/**
 * Commands and packages that stand in for the real ones, as texts of scripts. Each writes what it was asked to do to
 * $MACHINE/calls.log, so that a test sees what the set-up does without a network, a package manager or root.
 */
const LOG = `echo "$(/usr/bin/basename "$0") $*" >> "$MACHINE/calls.log"`;

/** A package manager that knows these packages: it "installs" them by putting our stand-in of the server on the PATH. */
function packageManager(...servers: [name: string, binary: string][]): string {
  const installs = servers.map(
    ([name, binary]) => `*" ${name}") /bin/cp "$MACHINE/stand-ins/${binary}" "$MACHINE/bin/${binary}" ;;`,
  );
  return `#!/bin/sh
${LOG}
case " $*" in
*update) ;;
${installs.join('\n')}
*) echo "no such package" >&2; exit 1 ;;
esac
`;
}

function nodeScript(body: string): string {
  return `#!${process.execPath}
const fs = require('node:fs');
const path = require('node:path');
const log = (line) => fs.appendFileSync(path.join(process.env.MACHINE, 'calls.log'), line + '\\n');
${body}
`;
}

/** Says that it is ready as Redis does, and answers nothing. */
const REDIS = nodeScript(`
log(path.basename(process.argv[1]) + ' started ' + process.pid);
const setting = (name) => process.argv[process.argv.indexOf('--' + name) + 1];
require('node:net').createServer().listen(Number(setting('port')), setting('bind'), () => console.log('Ready to accept connections'));
`);

export const COMMANDS = {
  npm: `#!/bin/sh
${LOG}
/bin/rm -rf node_modules
/bin/cp -R "$MACHINE/node_modules" node_modules
`,
  'redis-server': REDIS,
  'valkey-server': REDIS,
  'apt-get': packageManager(['redis-server', 'redis-server'], ['valkey-server', 'valkey-server']),
  apk: packageManager(['redis', 'redis-server'], ['valkey', 'valkey-server']),
  dnf: packageManager(['redis', 'redis-server'], ['valkey', 'valkey-server']),
  brew: packageManager(['redis', 'redis-server'], ['valkey', 'valkey-server']),
  service: `#!/bin/sh\n${LOG}\n`,
  /** sudo that asks no password: without its -n it would be a mistake to call it. */
  sudo: `#!/bin/sh\n${LOG}\n[ "$1" = -n ] || exit 1\nshift\n[ "$1" = true ] || "$@"\n`,
} as const;

export const NODE_MODULES = {
  /** "Compiles" by copying; a source that says TYPE ERROR does not hold. */
  'typescript/bin/tsc': nodeScript(`
log('tsc');
const sources = ['src', 'jobs', 'test'].flatMap((folder) =>
  fs.existsSync(folder) ? fs.readdirSync(folder, { recursive: true }).map((name) => path.join(folder, name)) : [],
).filter((name) => name.endsWith('.ts'));
for (const source of sources) {
  const output = path.join('dist', source.replace(/ts$/, 'js'));
  fs.mkdirSync(path.dirname(output), { recursive: true });
  fs.copyFileSync(source, output);
  if (fs.readFileSync(source, 'utf8').includes('TYPE ERROR')) process.exitCode = 1;
}
`),
  '@biomejs/biome/bin/biome': nodeScript(`
log('biome');
if (fs.readFileSync('src/some.ts', 'utf8').includes('LINT ERROR')) { console.error('biome found something'); process.exitCode = 1; }
`),
  'knip/bin/knip.js': nodeScript("log('knip');"),
  /** Reports what JEST_RESULTS holds, as if JEST_PROOF had been counted by its tests; without results it breaks before it has some. */
  'jest/bin/jest.js': nodeScript(`
log('jest ' + process.argv.slice(2).filter((arg) => !arg.startsWith('--')).join(' '));
const file = process.argv.find((arg) => arg.startsWith('--outputFile=')).slice('--outputFile='.length);
const results = process.env.JEST_RESULTS;
if (!results) process.exit(1);
fs.writeFileSync(file, JSON.stringify({
  numPassedTests: 0, numFailedTests: 0, numRuntimeErrorTestSuites: 0, numPendingTests: 0, numTodoTests: 0, ...JSON.parse(results),
}));
for (const [n, counted] of JSON.parse(process.env.JEST_PROOF ?? '[]').entries())
  fs.writeFileSync(path.join(process.env.PROOF_FOLDER, n + '.json'), JSON.stringify(counted));
process.exitCode = JSON.parse(results).numFailedTests ? 1 : 0;
`),
} as const;
