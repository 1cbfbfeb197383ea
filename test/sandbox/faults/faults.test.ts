import { type FaultInput, lateEffect } from '../faults';
import { call, field } from '../support/call';
import { accessKeyOf, finicityBench } from '../support/finicity';
import { dataSharingBench } from '../support/flinks-data-sharing';
import { type OutboundBench, outboundBench } from '../support/flinks-outbound';
import { sleepUntil } from '../support/sleep-until';
import { sandboxForSuite } from '../support/suite';

const sandbox = sandboxForSuite();
const REGENERATE = 'flinks-outbound.regenerate';

/** A recipient, with a fault waiting for its next regenerate. */
async function before(fault: FaultInput): Promise<OutboundBench & { readonly admin: string }> {
  const outbound = outboundBench(sandbox());
  const admin = await outbound.adminToken();
  sandbox().control.addFaults(fault);
  return { ...outbound, admin };
}

/** How many secrets of recipients were given out besides the seeded one. */
const regenerated = (): number => sandbox().control.counters().effects[REGENERATE];

const resets = expect.objectContaining({ code: 'ECONNRESET' });

test.each([
  ['none', 0],
  ['done', 1],
] as const)('a reset with effect %s leaves the request taken effect %i times', async (effect, times) => {
  const outbound = await before({ kind: 'reset', route: REGENERATE, effect });
  await expect(outbound.regenerate(outbound.admin)).rejects.toEqual(resets);
  expect(regenerated()).toBe(times);
});

test('a late effect comes after the connection was reset', async () => {
  const outbound = await before(lateEffect(REGENERATE, 150));
  await expect(outbound.regenerate(outbound.admin)).rejects.toEqual(resets);
  expect(regenerated()).toBe(0);
  const second = field(await outbound.regenerate(outbound.admin), 'client_secret');
  await sleepUntil(() => regenerated() === 2);
  expect((await outbound.recipientLogIn(second)).status).toBe(400);
});

test('a pending late effect is forgotten by a reset of all state', async () => {
  const outbound = await before({ kind: 'reset', route: REGENERATE, effect: 'late', lateMs: 50 });
  await expect(outbound.regenerate(outbound.admin)).rejects.toEqual(resets);
  sandbox().control.reset();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(sandbox().control.counters().calls[REGENERATE]).toBe(0);
  expect(regenerated()).toBe(0);
});

test.each([
  ['none', 0],
  ['done', 1],
] as const)('a 500 with effect %s leaves the request taken effect %i times', async (effect, times) => {
  const outbound = await before({ kind: 'error-500', route: REGENERATE, effect });
  const reply = await outbound.regenerate(outbound.admin);
  expect([reply.status, reply.json]).toEqual([500, { message: 'Internal Server Error' }]);
  expect(regenerated()).toBe(times);
});

test.each([
  ['request', 0],
  ['answer', 1],
] as const)('a delay holds the %s', async (hold, effectsMeanwhile) => {
  const outbound = await before({ kind: 'delay', route: REGENERATE, ms: 100, hold });
  const began = performance.now();
  const reply = outbound.regenerate(outbound.admin);
  await sleepUntil(() => sandbox().control.counters().calls[REGENERATE] === 1);
  expect(regenerated()).toBe(effectsMeanwhile);
  expect((await reply).status).toBe(200);
  expect(performance.now() - began).toBeGreaterThanOrEqual(95);
});

test.each([['17'], ['Sat, 21 Nov 2026 12:00:00 GMT'], [null]])('a 429 carries Retry-After: %s', async (retryAfter) => {
  const outbound = await before({ kind: 'throttled-429', route: REGENERATE, retryAfter });
  const reply = await outbound.regenerate(outbound.admin);
  expect([reply.status, reply.headers['retry-after']]).toEqual([429, retryAfter ?? undefined]);
  expect(regenerated()).toBe(0);
});

test.each(['TOO_MANY_REQUESTS', 'RETRY_LATER'] as const)('Flinks throttles with a 401 and %s', async (flinksCode) => {
  const sharing = dataSharingBench(sandbox());
  sandbox().control.addFaults({ kind: 'throttled-401', route: 'flinks-data-sharing.generate', flinksCode });
  const reply = await sharing.generate();
  expect([reply.status, reply.json]).toMatchObject([401, { FlinksCode: flinksCode }]);
  expect(sandbox().control.grants()).toEqual([]);
});

test('a truncated body ends before its announced length, after the effect', async () => {
  const outbound = await before({ kind: 'truncated-body', route: REGENERATE });
  await expect(outbound.regenerate(outbound.admin)).rejects.toMatchObject({ message: 'aborted' });
  expect(regenerated()).toBe(1);
});

test('malformed JSON is whole by its length, after the effect', async () => {
  const outbound = await before({ kind: 'malformed-json', route: REGENERATE });
  const reply = await outbound.regenerate(outbound.admin);
  expect([reply.status, reply.contentType, reply.json]).toEqual([200, 'application/json', undefined]);
  expect(regenerated()).toBe(1);
});

test.each([
  [{ kind: 'html-200', route: REGENERATE }, 200, 'text/html'],
  [{ kind: 'accepted-202', route: REGENERATE }, 202, 'application/json'],
  [{ kind: 'redirect', route: REGENERATE, location: '/elsewhere' }, 302, null],
  [{ kind: 'answer', route: REGENERATE, status: 403, contentType: 'text/plain', body: 'no' }, 403, 'text/plain'],
] as const)('$kind is answered instead, by default without effect', async (fault, status, contentType) => {
  const outbound = await before(fault);
  const reply = await outbound.regenerate(outbound.admin);
  expect([reply.status, reply.contentType, regenerated()]).toEqual([status, contentType, 0]);
  sandbox().control.addFaults({ ...fault, effect: 'done' });
  await outbound.regenerate(outbound.admin);
  expect(regenerated()).toBe(1);
});

test('whoever follows a redirect leaves a trace', async () => {
  const outbound = await before({ kind: 'redirect', route: REGENERATE, location: '/elsewhere' });
  const { headers } = await outbound.regenerate(outbound.admin);
  await call(`${sandbox().urls.flinksOutbound}${headers.location}`);
  expect(sandbox().control.deviations()).toMatchObject([{ path: '/elsewhere' }]);
});

test('a fault lets `skip` calls pass and hits the next `count`', async () => {
  const outbound = await before({ kind: 'error-500', route: REGENERATE, skip: 1, count: 2 });
  const statuses: number[] = [];
  for (let time = 0; time < 4; time += 1) statuses.push((await outbound.regenerate(outbound.admin)).status);
  expect(statuses).toEqual([200, 500, 500, 200]);
  expect(sandbox().control.faults()).toEqual([]);
});

test('faults on one route come one after another, and spare other routes', async () => {
  const outbound = await before({ kind: 'error-500', route: REGENERATE });
  sandbox().control.addFaults({ kind: 'accepted-202', route: REGENERATE });
  expect((await outbound.get(outbound.admin)).status).toBe(200);
  expect((await outbound.regenerate(outbound.admin)).status).toBe(500);
  expect((await outbound.regenerate(outbound.admin)).status).toBe(202);
});

test('a fault may concern one subject only', async () => {
  const outbound = await before({ kind: 'error-500', route: REGENERATE, pathContains: 'dc-somebody-else' });
  expect((await outbound.regenerate(outbound.admin)).status).toBe(200);
  expect(sandbox().control.faults()).toHaveLength(1);
});

test('also one that its body names', async () => {
  const finicity = finicityBench(sandbox());
  const token = await finicity.appToken();
  sandbox().control.addFaults(
    { kind: 'error-500', route: 'finicity.access-key.generate', bodyContains: 'somebody else' },
    { kind: 'error-500', route: 'finicity.access-key.generate', bodyContains: 'customerId' },
  );
  expect((await finicity.generate(token)).status).toBe(500);
  expect(sandbox().control.faults()).toMatchObject([{ bodyContains: 'somebody else' }]);
});

test('every stand-in plays faults out', async () => {
  const [sharing, finicity] = [dataSharingBench(sandbox()), finicityBench(sandbox())];
  sandbox().control.addFaults(
    { kind: 'reset', route: 'flinks-data-sharing.generate', effect: 'done' },
    { kind: 'reset', route: 'finicity.access-key.generate', effect: 'done' },
  );
  await expect(sharing.generate()).rejects.toEqual(resets);
  await expect(finicity.generate(await finicity.appToken())).rejects.toEqual(resets);
  expect(
    sandbox()
      .control.grants({ alive: true })
      .map(({ kind }) => kind),
  ).toEqual(expect.arrayContaining(['flinks-auth-secret', 'finicity-access-key']));
});

test('a rewritten access key is another one than the vendor stored', async () => {
  const finicity = finicityBench(sandbox());
  const token = await finicity.appToken();
  sandbox().control.addFaults({
    kind: 'rewrite',
    route: 'finicity.access-key.generate',
    set: { 'data.0.receipt.receiptId': 'cr_another' },
  });
  const key = accessKeyOf(await finicity.generate(token));
  expect(key.receiptId).toBe('cr_another');
  expect(sandbox().control.storedValueWorks('finicity-access-key', key)).toBe(false);
});
