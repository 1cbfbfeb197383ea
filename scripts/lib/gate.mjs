import { inProject } from './paths.mjs';
import { runCollecting } from './run.mjs';
import { say } from './say.mjs';

/** Everything that is asked of the code besides passing tests and sound types (which the build checks). */
const CHECKS = [
  {
    name: 'format, lint and import directions (biome)',
    args: ['@biomejs/biome/bin/biome', 'ci', '--error-on-warnings', '--colors=off'],
    mend: 'npm run format mends the format and what can be mended safely.',
  },
  {
    name: 'dead code (knip)',
    args: ['knip/bin/knip.js', '--no-progress', '--no-config-hints'],
    mend: 'Remove what nothing uses; entry points stand in knip.json.',
  },
];

/** Runs every check, shows the output of those that fail, and gives their number. */
export async function runGate(env) {
  let failed = 0;
  for (const { name, args, mend } of CHECKS) {
    const [script, ...rest] = args;
    const { code, output } = await runCollecting(process.execPath, [inProject('node_modules', script), ...rest], env);
    report(name, code === 0);
    if (code === 0) continue;
    failed += 1;
    say(`${output.trim()}\n\n${mend}\n`);
  }
  return failed;
}

export function report(name, isGood) {
  say(`${isGood ? 'ok    ' : 'FAILED'} ${name}`);
}
