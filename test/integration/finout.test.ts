import { ProviderProtocolError } from '../../src/errors';
import type { Outcome } from '../../src/rotation-context';
import type { Credential } from '../../src/types';
import { parseVersionId } from '../../src/version-ids';
import type { ShownToken, TokenForm } from '../sandbox/finout/state';
import { audit } from '../support/audit';
import { type Holdings, holdingsOf } from '../support/holdings';
import { importValue, stageOnly } from '../support/import';
import { type LiveWorld, liveWorld } from '../support/live-world';
import { expectNoSecrets, failureOf } from '../support/providers/no-secrets';

// Finout tokens over real HTTP, the real SDK and the stand-ins: a person makes one in the Admin Portal, and brings it.

const DAY = 24 * 3_600_000;

interface Here {
  readonly world: LiveWorld;
  readonly token: Credential;
  made(form?: Omit<TokenForm, 'name'>): ShownToken;
  brings(shown: ShownToken): Promise<Outcome>;
  holdings(): Holdings;
}

async function opened(): Promise<Here> {
  const world = await liveWorld({ perKind: 0, tokens: 1, defaults: { grace: '0s' } });
  const token = world.first('finout-api-token');
  const { control } = world.sandbox;
  return {
    world,
    token,
    made: (form = {}) => control.adminPortal.generate({ name: 'report aaaa', ...form }),
    brings: ({ clientId, secretKey, expiresAt }) =>
      importValue(world.context(token), { clientId, secretKey }, expiresAt?.getTime()),
    holdings: () => holdingsOf(world.sandbox, token.secretName),
  };
}

const pairOf = ({ clientId, secretKey }: ShownToken) => ({ clientId, secretKey });

/** Whatever happened: no call to what hands out webhook addresses, no departure from the vendors' pages, nothing in the log. */
function expectDiscreet({ world }: Here): void {
  const { control } = world.sandbox;
  expect(control.counters().calls['finout.endpoints']).toBe(0);
  expect(control.deviations()).toEqual([]);
  const clientIds = control.grants().flatMap(({ grantId }) => (grantId === null ? [] : [grantId]));
  expectNoSecrets(world.lines, [...control.secretValues(), ...clientIds]);
}

test('the first one is verified and promoted as it is, its end in the version id', async () => {
  const here = await opened();
  expect(await here.world.tend(here.token)).toMatchObject({
    outcome: 'blocked',
    reason: 'first-value-comes-by-import',
  });
  const shown = here.made({ expiresInMs: 90 * DAY });

  expect(await here.brings(shown)).toMatchObject({ outcome: 'promoted', reason: 'verified' });

  const { current, value } = here.holdings();
  expect(value(current)).toEqual(pairOf(shown));
  const end = Math.floor((shown.expiresAt?.getTime() ?? 0) / 1000) * 1000;
  expect(parseVersionId(current ?? '')).toMatchObject({ is: 'value', expiresAt: end });
  expect(audit(here.world.sandbox, here.world.company)).toMatchObject({ credentials: 1, working: 1, violations: [] });
  expectDiscreet(here);
});

test('the one before works on, listed, until a person has deleted it', async () => {
  const here = await opened();
  const { sandbox, company, alarms } = here.world;
  const [first, second] = [here.made(), here.made()];
  await here.brings(first);
  await here.brings(second);
  const { previous } = here.holdings();

  expect(await here.world.settle(here.token)).toMatchObject({
    outcome: 'settled',
    reason: 'unrevoked',
    version: previous,
  });

  expect(here.holdings().tags[`rotation:unrevoked:${previous}`]).toMatch(/^made by a person/);
  expect(alarms).toEqual(['grant-unrevoked']);
  expect(audit(sandbox, company)).toMatchObject({ working: 1, listed: 1, inGrace: 0, violations: [] });
  sandbox.control.adminPortal.delete(first.clientId);
  expect(audit(sandbox, company)).toMatchObject({ working: 1, dead: 1, violations: [] });
  expectDiscreet(here);
});

describe('a rollback', () => {
  async function replaced() {
    const here = await opened();
    const [first, second] = [here.made(), here.made()];
    await here.brings(first);
    await here.brings(second);
    await here.world.settle(here.token);
    const { current, previous, value } = here.holdings();
    return { here, first, listed: `rotation:unrevoked:${previous}`, now: value(current) };
  }

  test('brings the token before back, as long as nobody has deleted it: it is no longer one to delete', async () => {
    const { here, first, listed } = await replaced();
    expect(Object.keys(here.holdings().tags)).toContain(listed);

    expect(await here.world.rollback(here.token)).toMatchObject({ outcome: 'promoted', reason: 'verified' });

    const { current, value, tags } = here.holdings();
    expect(value(current)).toEqual(pairOf(first));
    expect(Object.keys(tags)).not.toContain(listed);
    expectDiscreet(here);
  });

  test('finds by trying it that it was deleted: the copy is given up, and what is current stays', async () => {
    const { here, first, now } = await replaced();
    here.world.sandbox.control.adminPortal.delete(first.clientId);

    expect(await here.world.rollback(here.token)).toEqual({ outcome: 'failed', reason: 'the-copy-was-given-up' });

    const { current, value } = here.holdings();
    expect(value(current)).toEqual(now);
  });
});

test('a wrong pair is given up, and what is current stays', async () => {
  const here = await opened();
  const good = here.made();
  await here.brings(good);
  const { current } = here.holdings();

  expect(await here.brings({ ...here.made(), secretKey: 'fo-secret-SYNTH-mistyped' })).toMatchObject({
    outcome: 'failed',
  });

  expect(here.world.alarms).toEqual([]);
  expect(here.holdings().current).toBe(current);
  expectDiscreet(here);
});

test('one without a role is blocked, and promoted when a person has given it one and cleared the block', async () => {
  const here = await opened();
  const shown = here.made({ permitted: false });
  const { sandbox, company } = here.world;

  expect(await here.brings(shown)).toMatchObject({ outcome: 'blocked', reason: 'valid-but-not-permitted' });

  expect(here.holdings().tags['rotation:blocked']).toBe('valid-but-not-permitted');
  sandbox.control.adminPortal.permit(shown.clientId);
  expect(await here.world.tend(here.token)).toMatchObject({ outcome: 'blocked', reason: 'valid-but-not-permitted' });
  const { store } = here.world.context(here.token);
  await store.untag(here.token, ['rotation:blocked']);
  expect(await here.world.tend(here.token)).toMatchObject({ outcome: 'promoted', reason: 'verified' });
  expect(audit(sandbox, company)).toMatchObject({ working: 1, violations: [] });
  expectDiscreet(here);
});

test('a login page with 200 is no yes: the pair stays staged, and is promoted when the page has gone', async () => {
  const here = await opened();
  const { control } = here.world.sandbox;
  control.setSwitches({ finout: { loginPage: true } });

  expect(await failureOf(here.brings(here.made()))).toBeInstanceOf(ProviderProtocolError);
  expect(await failureOf(here.world.tend(here.token))).toBeInstanceOf(ProviderProtocolError);

  control.setSwitches({ finout: { loginPage: false } });
  expect(await here.world.tend(here.token)).toMatchObject({ outcome: 'promoted' });
  expectDiscreet(here);
});

test('[42] a token that does not work yet is tried again before it is given up', async () => {
  const here = await opened();
  const { control } = here.world.sandbox;
  control.addFaults({ kind: 'answer', route: 'finout.view', status: 401, body: '{}', count: 2 });
  expect(await here.brings(here.made())).toMatchObject({ outcome: 'promoted' });
  expect(control.counters().calls['finout.view']).toBe(3);
});

test('what an import staged before it died is promoted by whoever finds it', async () => {
  const here = await opened();
  const shown = here.made();
  await stageOnly(here.world.context(here.token), pairOf(shown));
  expect(here.holdings().value(here.holdings().pending)).toEqual(pairOf(shown));

  expect(await here.world.tend(here.token)).toMatchObject({ outcome: 'promoted', reason: 'verified' });

  expect(here.holdings().value(here.holdings().current)).toEqual(pairOf(shown));
  expectDiscreet(here);
});
