import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Place, placesOfProcess } from '../support/leaks';
import { startNode } from '../support/processes';
import { environmentOf, ROTATOR, rotator } from '../support/rotator';
import type { Scene } from '../support/scene';
import { temporaryFolder } from '../support/temporary-folder';
import { byDesign, MISPLACED } from './planted';

interface Errand {
  readonly args: readonly string[];
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly code: number;
}

const URL_OF_MISPLACED = encodeURIComponent(MISPLACED);
const FAR_OFF = '2031-06-30';

/** A manifest with a secret where its name is to stand. */
function misplacedManifest(): string {
  const path = join(temporaryFolder(), 'rotation.yaml');
  const quoted = JSON.stringify(MISPLACED);
  writeFileSync(
    path,
    [
      'providers:',
      `  outbound: { vendor: flinks-outbound, clientId: dc-1, clientSecret: ${quoted} }`,
      `  mastercard: { vendor: finicity, partnerId: '1', appKey: { env: A, ${quoted} }, partnerSecret: ${quoted} }`,
      `credentials: [{ id: x, kind: flinks-outbound-recipient }]`,
      '',
    ].join('\n'),
  );
  return path;
}

/** Where an operator's secret was written so that it cannot be read. */
export const BROKEN_ENVIRONMENT = {
  REDIS_URL: `redis://rotation:${MISPLACED}@redis.example:6379/0`,
  OUTBOUND_PROXY: `ftp://proxy:${URL_OF_MISPLACED}@proxy.example`,
  AWS_ENDPOINT_URL_SECRETS_MANAGER: `nowhere://${URL_OF_MISPLACED}`,
  ADMIN_TOKEN: MISPLACED,
};

/** Every command, and the ways in which a secret is given to it wrongly. `free`: a credential that nobody else touches. */
function errands({ company, sandbox, redis }: Scene, free: string): readonly Errand[] {
  const [token] = company.tokens;
  if (token === undefined) throw new Error('the company has no token');
  const { clientId, secretKey } = sandbox.control.adminPortal.generate({ name: token.subject });
  const wrongPassword = redis.url.replace(/:[^:@]*@/, `:${URL_OF_MISPLACED}@`);
  return [
    {
      args: ['import', token.id, '--expires', FAR_OFF, '--json'],
      input: JSON.stringify({ clientId, secretKey }),
      code: 1, // failures.ts: staged, and left to the worker
    },
    { args: ['import', free, MISPLACED], code: 2 },
    { args: ['import', MISPLACED], input: '{}', code: 2 },
    { args: ['import', free, '--expires', MISPLACED], input: '{}', code: 2 },
    { args: ['import', free], input: JSON.stringify({ AuthSecret: MISPLACED }), code: 2 },
    { args: ['import', free], input: `AuthSecret: ${MISPLACED}`, code: 2 },
    { args: ['status', '--json'], code: 0 },
    { args: ['-v', 'status', free, token.id, 'partner-secret'], code: 0 },
    { args: ['rotate', free, '--wait', '120', '--json'], code: 0 },
    { args: ['rotate', free], env: { REDIS_URL: wrongPassword }, code: 1 },
    { args: ['revoke', free, '--json'], code: 0 },
    { args: ['release', 'revoke-stale-flinks-permissions', '--json'], code: 0 },
    { args: ['rollback', 'key-haaa', '--json'], code: 1 }, // the vendor has no way back
    { args: ['resolve', free, '--suspect', MISPLACED, '--yes'], code: 2 },
    { args: ['rotate', free], env: BROKEN_ENVIRONMENT, code: 2 },
    { args: ['status'], env: { ROTATION_MANIFEST: misplacedManifest() }, code: 2 },
  ];
}

const AT_A_TIME = 2;

/** Runs them all. @returns what they printed, and what was to be seen of one that was interrupted before it had read all */
export async function runCommands(scene: Scene, free: string, env: Readonly<Record<string, string>>): Promise<Place[]> {
  const waiting = [...errands(scene, free)];
  const places: Place[] = [];
  const clerk = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      places.push(...(await ran(scene, next, env)));
  };
  const [seen] = await Promise.all([interrupted(scene, free, env), ...Array.from({ length: AT_A_TIME }, clerk)]);
  return [...places, ...seen];
}

async function ran(scene: Scene, { args, input, code, ...more }: Errand, env: Errand['env']): Promise<Place[]> {
  const given = input === undefined ? {} : { input };
  const { stdout, stderr, ...ended } = await rotator(scene, args, { ...given, env: { ...env, ...more.env } });
  const where = `rotator ${args[0]} (${JSON.stringify(Object.keys({ ...given, ...more.env }))})`;
  if (ended.code !== code) throw new Error(`${where} ended with ${ended.code}:\n${stdout}${stderr}`);
  return [
    { where: `the output of ${where}`, text: stdout },
    { where: `what ${where} said`, text: stderr },
  ];
}

/** While it waits for the rest of a value, this is what others see of it. It is ended before the rest comes. */
async function interrupted(scene: Scene, free: string, env: Errand['env'] = {}): Promise<Place[]> {
  const known = { ...environmentOf(scene), ...env };
  const child = startNode(ROTATOR, { args: ['import', free], env: known, input: { typed: true } });
  child.type(`{"PermissionId":"x","AuthSecret":${JSON.stringify(MISPLACED)}`);
  await scene.until(() => placesOfProcess(child.pid).some(({ text }) => text === 'import'), 'the command runs');
  const seen = placesOfProcess(child.pid, byDesign(known));
  await child.kill('SIGINT');
  const said = { where: 'what an interrupted rotator import said', text: child.stdout() + child.stderr() };
  return [...seen, said];
}
