import { until } from '../support/until';
import { calmManifest } from './scenes/rest';
import type { Stage } from './stage';

/** A secret may have a hundred versions a day: at the demo's pace that would be used up within minutes. */
const ROTATE_EVERY = '5m';
const STOPS_WITHIN_MS = 4_000;

/** What asks the demo to end; SIGHUP when its terminal is closed: without a listener the worker would be left behind. */
export const ENDS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Goes on running until Ctrl-C, and says how to send a message. */
export async function keep(stage: Stage): Promise<void> {
  const { worker, start, company, say, endScene } = stage;
  const asked = Promise.race(ENDS.map((name) => new Promise((heard) => process.once(name, heard))));
  await worker.stop();
  await start(calmManifest(company.manifestPath, ROTATE_EVERY));
  for (const line of advice(stage)) say(line);
  endScene();
  await asked;
  say('Stopping.');
  // Whoever pressed Ctrl-C has sent the signal to the worker as well; a second one would end it at once.
  await until(() => worker.death() !== undefined, { withinMs: STOPS_WITHIN_MS }).catch(() => undefined);
}

function advice({ redisUrl, prefix, sandbox }: Pick<Stage, 'redisUrl' | 'prefix' | 'sandbox'>): string[] {
  const urls = Object.entries(sandbox.urls).map(([name, url]) => `     ${name.padEnd(18)} ${url}`);
  return [
    `It goes on until Ctrl-C; from now on values may become ${ROTATE_EVERY} old.`,
    '   Send a message, from this folder in another terminal:',
    `     ${command(redisUrl, prefix, 'rotate', 'partner-caaa')}`,
    '   ("revoke" for "rotate": ends the grace of the value before; urgency "compromised": both)',
    '   The stand-ins; look in at inspection /grants and secretsManager /_sandbox/secrets:',
    ...urls,
  ];
}

function command(url: string, prefix: string, name: string, credential: string): string {
  const { password } = new URL(url);
  // What somebody keeps secret is not printed.
  const connection = password === '' ? `{url:"${url}"}` : '{url:process.env.TEST_REDIS_URL}';
  const data = `{credential:"${credential}",reason:"just trying",requestedBy:"you",urgency:"normal"}`;
  return `node -e 'const q=new (require("bullmq").Queue)("rotation-requests",{prefix:"${prefix}",connection:${connection}});q.add("${name}",${data}).then(()=>q.close())'`;
}
