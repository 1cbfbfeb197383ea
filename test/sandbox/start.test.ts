import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startSandbox } from './start';
import { call } from './support/call';

test('every server has a port of its own on 127.0.0.1, and a stop frees all of them', async () => {
  const sandbox = await startSandbox();
  const urls = Object.values(sandbox.urls);
  expect(new Set(urls).size).toBe(6);
  await sandbox.stop();
  await sandbox.stop();
  for (const url of urls) await expect(call(`${url}/`)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('two sandboxes do not see each other', async () => {
  const [one, other] = [await startSandbox(), await startSandbox()];
  one.control.seed({ flinksOutbound: { recipients: [{}] } });
  expect(other.control.recipients()).toEqual([]);
  await Promise.all([one.stop(), other.stop()]);
});

test('a port may be chosen, and where it is taken nothing is left running', async () => {
  const blocker = createServer();
  await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
  const { port } = blocker.address() as AddressInfo;
  await expect(startSandbox({ ports: { inspection: port } })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await new Promise((resolve) => blocker.close(resolve));
  const sandbox = await startSandbox({ ports: { inspection: port } });
  expect(sandbox.urls.inspection).toBe(`http://127.0.0.1:${port}`);
  await sandbox.stop();
});

test('Secrets Manager is among them, with options of its own', async () => {
  const sandbox = await startSandbox({ secretsManager: { clockOffsetMs: 90_000 } });
  expect(sandbox.secretsManager.options().clockOffsetMs).toBe(90_000);
  expect(sandbox.secretsManager.url).toBe(sandbox.urls.secretsManager);
  await sandbox.stop();
});
