import { accessKeyOf, DAY_MS, type FinicityBench, finicityBench, product } from '../support/finicity';
import { sandboxForSuite } from '../support/suite';
import type { FinicitySwitches } from './switches';

const sandbox = sandboxForSuite();

async function bench(switches: Partial<FinicitySwitches> = {}): Promise<FinicityBench & { readonly token: string }> {
  sandbox().control.setSwitches({ finicity: switches });
  const finicity = finicityBench(sandbox());
  return { ...finicity, token: await finicity.appToken() };
}

const isAlive = (receiptId: string): boolean => sandbox().control.works('finicity-access-key', { grantId: receiptId });

describe('a receipt', () => {
  test('names pseudo ids instead of the ids that were asked for, the same ones for one third party', async () => {
    const finicity = await bench();
    const [first, second] = [await finicity.generate(finicity.token), await finicity.generate(finicity.token)];
    const { receipt } = accessKeyOf(first);
    expect(first.body).not.toMatch(/1005000000|5011000000|1234599999999/);
    expect(receipt.customerId).toBe(accessKeyOf(second).receipt.customerId);
    const other = await finicity.generate(finicity.token, finicity.keyRequest({ thirdPartyPartnerId: '1' }));
    expect(accessKeyOf(other).receipt.customerId).not.toBe(receipt.customerId);
  });

  test('is the access key itself: the stored answer works as long as it lives', async () => {
    const finicity = await bench();
    const { receiptId, ...key } = accessKeyOf(await finicity.generate(finicity.token));
    const { control } = sandbox();
    expect(receiptId).toMatch(/^cr_/);
    expect(control.storedValueWorks('finicity-access-key', key)).toBe(true);
    expect(control.storedValueWorks('finicity-access-key', { ...key, proof: { signature: 'forged' } })).toBe(false);
  });

  test('ends at its endTime', async () => {
    const finicity = await bench();
    const { receiptId } = accessKeyOf(await finicity.generate(finicity.token));
    sandbox().control.advanceClock(DAY_MS - 60_000);
    expect(isAlive(receiptId)).toBe(true);
    sandbox().control.advanceClock(60_000);
    expect(isAlive(receiptId)).toBe(false);
    expect(sandbox().control.grants({ grantId: receiptId })).toMatchObject([
      { subject: '1005000000/1234599999999', alive: false, why: 'endTime' },
    ]);
  });

  test('begins at its startTime', async () => {
    const finicity = await bench();
    const start = Date.now() + DAY_MS;
    const body = finicity.keyRequest({ products: [product(start, start + DAY_MS)] });
    const { receiptId } = accessKeyOf(await finicity.generate(finicity.token, body));
    expect(sandbox().control.grants({ grantId: receiptId })).toMatchObject([{ alive: true, works: false }]);
  });

  test.each([
    ['int', 1, 2],
    ['string', '1', '2'],
  ] as const)('has its revision as %s by the switch', async (receiptVersionAs, first, second) => {
    const finicity = await bench({ receiptVersionAs });
    const issued = accessKeyOf(await finicity.generate(finicity.token));
    expect(issued.receipt.receiptVersion).toBe(first);
    const updated = accessKeyOf(await finicity.update(finicity.token, issued.receiptId));
    expect(updated.receipt.receiptVersion).toBe(second);
  });

  test('carries unknown fields by the switch', async () => {
    const finicity = await bench({ unknownReceiptFields: true });
    expect((await finicity.generate(finicity.token)).body).toContain('syntheticExtension');
  });

  test('repeats provenance, or has null there', async () => {
    const finicity = await bench();
    const provenance = { ipAddress: '192.0.2.1' };
    const given = await finicity.generate(finicity.token, finicity.keyRequest({ provenance }));
    expect(accessKeyOf(given).receipt.provenance).toEqual(provenance);
    expect(accessKeyOf(await finicity.generate(finicity.token)).receipt.provenance).toBeNull();
  });
});

describe('an update', () => {
  test('extends the same receipt, and its earlier revision goes on working', async () => {
    const finicity = await bench();
    const { receiptId, ...first } = accessKeyOf(await finicity.generate(finicity.token));
    const until = Date.now() + 9 * DAY_MS;
    const body = finicity.keyRequest({ products: [product(Date.now(), until)] });
    const { receiptId: updatedId, ...second } = accessKeyOf(await finicity.update(finicity.token, receiptId, body));
    expect(updatedId).toBe(receiptId);
    sandbox().control.advanceClock(8 * DAY_MS);
    for (const key of [first, second])
      expect(sandbox().control.storedValueWorks('finicity-access-key', key)).toBe(true);
  });

  test('gives another receipt id by the switch, and both live', async () => {
    const finicity = await bench({ updateKeepsReceiptId: false });
    const first = accessKeyOf(await finicity.generate(finicity.token)).receiptId;
    const second = accessKeyOf(await finicity.update(finicity.token, first)).receiptId;
    expect(second).not.toBe(first);
    expect([first, second].map(isAlive)).toEqual([true, true]);
  });

  test('of an ended receipt is a 404', async () => {
    const finicity = await bench({ tokenSeconds: 1_000_000 });
    const { receiptId } = accessKeyOf(await finicity.generate(finicity.token));
    sandbox().control.advanceClock(2 * DAY_MS);
    const reply = await finicity.update(finicity.token, receiptId);
    expect([reply.status, reply.json]).toMatchObject([404, { code: '14001' }]);
  });

  test("of an ended receipt is a proxy's page by the switch", async () => {
    const finicity = await bench({ updateOfGone: '404-html' });
    const reply = await finicity.update(finicity.token, 'cr_absent');
    expect([reply.status, reply.json]).toEqual([404, undefined]);
  });

  test('for another customer is refused', async () => {
    const finicity = await bench();
    const { receiptId } = accessKeyOf(await finicity.generate(finicity.token));
    const reply = await finicity.update(finicity.token, receiptId, finicity.keyRequest({ customerId: '1' }));
    expect(reply.status).toBe(400);
  });
});

describe('a revocation', () => {
  test('ends the receipt and answers 204 without a body', async () => {
    const finicity = await bench();
    const { receiptId } = accessKeyOf(await finicity.generate(finicity.token));
    const reply = await finicity.revoke(finicity.token, receiptId);
    expect([reply.status, reply.body]).toEqual([204, '']);
    expect(isAlive(receiptId)).toBe(false);
  });

  test.each([
    ['404-json', 404, 'application/json'],
    ['404-html', 404, 'text/html'],
    ['204', 204, null],
  ] as const)('of what is gone answers %s by the switch', async (deleteOfGone, status, contentType) => {
    const finicity = await bench({ deleteOfGone, tokenSeconds: 1_000_000 });
    const { receiptId } = accessKeyOf(await finicity.generate(finicity.token));
    await finicity.revoke(finicity.token, receiptId);
    const again = await finicity.revoke(finicity.token, receiptId);
    const expired = accessKeyOf(await finicity.generate(finicity.token)).receiptId;
    sandbox().control.advanceClock(2 * DAY_MS);
    const late = await finicity.revoke(finicity.token, expired);
    const unknown = await finicity.revoke(finicity.token, 'cr_unknown');
    for (const reply of [again, late, unknown])
      expect([reply.status, reply.contentType]).toEqual([status, contentType]);
  });

  test("of another partner's receipt does nothing", async () => {
    const [mine, theirs] = [await bench(), await bench()];
    const { receiptId } = accessKeyOf(await theirs.generate(theirs.token));
    expect((await mine.revoke(mine.token, receiptId)).status).toBe(404);
    expect(isAlive(receiptId)).toBe(true);
  });
});

describe('a request for an access key is refused', () => {
  test.each([
    ['without a customer', { customerId: undefined }, '10005'],
    ['without a product name', { products: [{ ...product(0, 1), product: undefined }] }, '10005'],
    [
      'with an epoch time',
      { products: [{ ...product(0, 1), accessPeriod: { type: 't', startTime: 1, endTime: 2 } }] },
      '10010',
    ],
    ['that ends before it starts', { products: [product(2, 1)] }, '10010'],
    ['in the name of another partner', { partnerId: '1' }, '10010'],
    ['with a field that is not documented', { synthetic: true }, '14020'],
  ])('%s', async (_why, changes, code) => {
    const finicity = await bench();
    const reply = await finicity.generate(finicity.token, finicity.keyRequest(changes));
    expect([reply.status, reply.json]).toMatchObject([400, { code }]);
    expect(sandbox().control.grants({ kind: 'finicity-access-key' })).toEqual([]);
  });
});
