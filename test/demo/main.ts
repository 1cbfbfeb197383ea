import { setTimeout as pause } from 'node:timers/promises';
import { findOut } from './findings';
import { ENDS, keep } from './keep';
import { byHand } from './scenes/by-hand';
import { crash } from './scenes/crash';
import { firstValues } from './scenes/first-values';
import { issue } from './scenes/issue';
import { messages } from './scenes/messages';
import { rest } from './scenes/rest';
import { retire } from './scenes/retire';
import { rollback } from './scenes/rollback';
import { sweeps } from './scenes/sweeps';
import { openStage, type Stage } from './stage';
import { verdictOf } from './verdict';

const DEADLINE_MS = 300_000;
const LAST_LINES = 40;
const EXIT = { held: 0, failed: 1, misused: 2, interrupted: 130 } as const;

/** `npm run demo [-- --keep]`: the whole job on stand-ins; exits 0 when its audit holds. */
async function main(): Promise<number> {
  const url = process.env.TEST_REDIS_URL;
  if (url === undefined) {
    process.stderr.write('TEST_REDIS_URL is not set: start this by `npm run demo`, which finds or starts a Redis.\n');
    return EXIT.misused;
  }
  // The braces keep all keys in one slot of a cluster; keys that begin with the given prefix are removed by scripts/demo.mjs.
  const prefix = `${process.env.TEST_REDIS_PREFIX ?? 'rotation-demo'}{demo}`;
  const stage = await inTime(openStage({ url, prefix }));
  try {
    const code = await play(stage, process.argv.includes('--keep'));
    if (code !== EXIT.held) tellLastWords(stage);
    return code;
  } catch (error) {
    stage.display.close();
    tellLastWords(stage);
    throw error;
  }
}

/** Where the demo fails on somebody else's machine, this is all that there is to find out why. */
function tellLastWords({ worker, fleet }: Stage): void {
  const lines = worker.output().trimEnd().split('\n').slice(-LAST_LINES);
  const states = fleet().map(({ credential, decision }) => `${credential.id} ${decision.state}`);
  process.stderr.write(`\nThe last lines of the worker's output:\n${lines.join('\n')}\n${states.join(', ')}\n`);
}

async function play(stage: Stage, keeps: boolean): Promise<number> {
  // Only by `exit` do the worker and the temporary folder go with this process.
  const interrupt = (): never => process.exit(EXIT.interrupted);
  for (const signal of ENDS) process.on(signal, interrupt);
  await inTime(scenes(stage));
  if (keeps) {
    for (const signal of ENDS) process.off(signal, interrupt);
    await keep(stage);
    return EXIT.held;
  }
  return (await inTime(judge(stage))) ? EXIT.held : EXIT.failed;
}

async function scenes(stage: Stage): Promise<void> {
  for (const scene of [firstValues, issue, messages, byHand]) await scene(stage);
  await Promise.all([sweeps(stage), rollback(stage)]);
  for (const scene of [retire, crash]) await scene(stage);
}

async function judge(stage: Stage): Promise<boolean> {
  await rest(stage);
  stage.display.close();
  stage.say('13. What is left for a person to look into:');
  await stage.rotator(['status', '--problems'], { codes: [EXIT.held, EXIT.failed] });
  stage.say('14. The audit, through the doors beside the wire:');
  const { holds, lines } = verdictOf(await findOut(stage));
  for (const line of lines) stage.say(`   ${line}`);
  return holds;
}

/** Whatever hangs, the demo does not. */
async function inTime<T>(work: Promise<T>): Promise<T> {
  const leftMs = Math.max(0, DEADLINE_MS - performance.now());
  const late = pause(leftMs, undefined, { ref: false }).then(() => {
    throw new Error(`The demo has not come to its end within ${DEADLINE_MS / 1000} s`);
  });
  return Promise.race([work, late]);
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(EXIT.failed);
  },
);
