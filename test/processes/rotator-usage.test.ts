import { startNode } from '../support/processes';
import { ROTATOR } from '../support/rotator';
import { FALSE_CREDENTIALS } from '../support/worker-process';

interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(args: readonly string[], env: Record<string, string | undefined> = {}): Promise<Said> {
  const child = startNode(ROTATOR, { args: [...args], env: { ...FALSE_CREDENTIALS, ...env } });
  const { code } = await child.exited;
  return { code, stdout: child.stdout(), stderr: child.stderr() };
}

test.each(['status', 'rotate', 'revoke', 'import', 'rollback', 'resolve', 'release'])(
  '%s --help has examples and its exit codes',
  async (name) => {
    const { code, stdout, stderr } = await run([name, '--help']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(new RegExp(`Examples:\n( +rotator ${name}.*\n)+`));
    expect(stdout).toContain('--json');
  },
);

test('--help names every command, the environment and the exit codes', async () => {
  const { code, stdout } = await run(['--help']);
  expect(code).toBe(0);
  for (const said of ['status', 'rotate', 'revoke', 'import', 'resolve', 'ROTATION_MANIFEST', 'Exit codes: 0 done']) {
    expect(stdout).toContain(said);
  }
});

const SECRET = 'hunter2-in-the-wrong-place';
const WRONG: readonly [string, readonly string[], RegExp][] = [
  ['nothing', [], /Usage: rotator/],
  ['an unknown command', ['stauts'], /unknown command\.\n\(Did you mean status\?\)/],
  ['an unknown option', ['status', '--all'], /unknown option/],
  ['no id', ['rotate'], /missing required argument 'ids'/],
  ['an unknown sweep', ['release', 'all'], /Allowed choices are regenerate-outbound-secrets/],
  ['an unknown kind', ['status', '--kind', 'token'], /Allowed choices are flinks-outbound-recipient/],
  ['two ids to resolve', ['resolve', 'a', 'b'], /too many arguments/],
  ['neither id nor account', ['resolve'], /takes the id of a credential, or --account NAME/],
  ['both', ['resolve', 'a', '--account', 'b'], /takes the id of a credential, or --account NAME/],
  ['a secret as a command', [SECRET], /unknown command/],
  ['a secret as an option', ['status', `--key=${SECRET}`], /unknown option/],
];

test.each(WRONG)('%s: exit code 2, and how to write it', async (_what, args, said) => {
  const { code, stdout, stderr } = await run(args);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(said);
  expect(stderr).toMatch(/rotator --help|Usage|takes the id/);
  expect(stderr).not.toContain(SECRET);
});

test('a missing environment is told whole; Redis is asked for only where it is needed', async () => {
  const none = { ROTATION_MANIFEST: undefined, REDIS_URL: undefined, AWS_REGION: undefined };
  const [status, rotate] = await Promise.all([run(['status'], none), run(['rotate', 'a'], none)]);
  expect([status.code, rotate.code]).toEqual([2, 2]);
  expect(status.stderr).toMatch(/^2 problems.*\n- ROTATION_MANIFEST: .*\n- AWS_REGION: /);
  expect(rotate.stderr).toMatch(/^3 problems.*\n- ROTATION_MANIFEST: .*\n- REDIS_URL: .*\n- AWS_REGION: /);
});

test('a manifest that is wrong is told with its lines', async () => {
  const { code, stderr } = await run(['status'], { ROTATION_MANIFEST: 'package.json' });
  expect(code).toBe(2);
  expect(stderr).toMatch(/problems? in the configuration:\n- package\.json/);
});
