import type { CompanyCredential } from '../support/company';
import { findLeaks } from '../support/leaks';
import { jsonOf, rotator } from '../support/rotator';
import { openScene, type Scene } from '../support/scene';

// A person makes Finout tokens in the portal and brings them; nobody else can.

jest.setTimeout(60_000);

const YEAR_MS = 365 * 24 * 3_600_000;

let scene: Scene;
let token: CompanyCredential;

beforeAll(async () => {
  scene = await openScene({ perKind: 0, tokens: 1, pattern: '0 0 0 29 2 *', defaults: { grace: '1h' } });
  const [one] = scene.company.tokens;
  if (one === undefined) throw new Error('no token');
  token = one;
});

/** As the portal shows it, once; the day of its end is what a person types. */
function generate(): { input: string; day: string; secrets: string[] } {
  const { clientId, secretKey } = scene.sandbox.control.adminPortal.generate({
    name: token.subject,
    expiresInMs: YEAR_MS,
  });
  const day = new Date(Date.now() + YEAR_MS).toISOString().slice(0, 10);
  return { input: JSON.stringify({ clientId, secretKey }), day, secrets: [clientId, secretKey] };
}

const currentValue = (): unknown => {
  const { current, value } = scene.holdings(token);
  return value(current);
};

test('the status asks for it, with the command that brings it', async () => {
  const { code, stdout } = await rotator(scene, ['status', '--problems']);
  expect(code).toBe(1);
  expect(stdout).toMatch(new RegExp(`^${token.id} .*needs-import.* -> rotator import ${token.id}$`, 'm'));
});

test('without the day of its end it is refused: nobody else tells it', async () => {
  const { code, stderr } = await rotator(scene, ['import', token.id], { input: generate().input });
  expect(code).toBe(2);
  expect(stderr).toContain('--expires is missing: nobody else tells when a finout-api-token ends');
});

test('the secret is created, the token verified and promoted; no secret is shown', async () => {
  const { input, day, secrets } = generate();

  const ended = await rotator(scene, ['import', token.id, '--expires', day, '--json'], { input });

  expect(ended.code).toBe(0);
  expect(jsonOf(ended)).toMatchObject({ outcome: 'promoted', reason: 'verified' });
  expect(currentValue()).toEqual(JSON.parse(input));
  expect(findLeaks([{ where: 'output', text: ended.stdout + ended.stderr }], secrets)).toEqual([]);
  const status = await rotator(scene, ['status', token.id, '--json']);
  expect(jsonOf(status).credentials).toMatchObject([{ state: 'fresh', expiresAt: `${day}T00:00:00.000Z` }]);
});

test('the next one replaces it within its grace: the old one is listed until a person says that it was deleted', async () => {
  const { current: first } = scene.holdings(token);
  const third = generate();
  const { input, day } = generate();
  expect((await rotator(scene, ['import', token.id, '--expires', day], { input })).code).toBe(0);

  const ended = await rotator(scene, ['import', token.id, '--expires', 'never'], { input: third.input });

  expect(ended.code).toBe(0);
  expect(currentValue()).toEqual(JSON.parse(third.input));
  const shown = await rotator(scene, ['resolve', token.id]);
  expect(shown.stdout).toContain(`--unrevoked ${first}`);
  expect((await rotator(scene, ['resolve', token.id, '--unrevoked', 'all', '--yes'])).code).toBe(0);
  expect(Object.keys(scene.holdings(token).tags).filter((name) => name.startsWith('rotation:unrevoked'))).toEqual([]);
});
