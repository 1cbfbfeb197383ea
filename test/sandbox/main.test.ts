import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { call } from './support/call';

type Running = ChildProcessByStdio<null, Readable, null>;

function run(...args: string[]): Running {
  return spawn(process.execPath, [join(__dirname, 'main.js'), ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function firstLine(child: Running): Promise<string> {
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error('it said nothing');
}

const ended = (child: Running): Promise<number | null> =>
  new Promise((resolve) => child.once('exit', (code) => resolve(code)));

test.each(['SIGTERM', 'SIGINT'] as const)(
  '--json prints one line of base URLs, and %s ends it with 0',
  async (signal) => {
    const child = run('--json');
    const exit = ended(child);
    const urls: Record<string, string> = JSON.parse(await firstLine(child));
    expect(Object.keys(urls)).toEqual([
      'secretsManager',
      'flinksOutbound',
      'flinksDataSharing',
      'finicity',
      'finout',
      'inspection',
    ]);
    for (const name of ['flinksOutbound', 'flinksDataSharing', 'finicity', 'inspection']) {
      expect(urls[name]).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    }
    expect((await call(`${urls.inspection}/counters`)).status).toBe(200);
    expect((await call(`${urls.secretsManager}/_sandbox/secrets`)).json).toEqual({ secrets: [] });
    child.kill(signal);
    expect(await exit).toBe(0);
    await expect(call(`${urls.inspection}/counters`)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  },
);

test('a stop does not wait for requests that are held', async () => {
  const child = run('--json');
  const exit = ended(child);
  const urls: Record<string, string> = JSON.parse(await firstLine(child));
  const body = [{ kind: 'delay', route: 'flinks-outbound.token', ms: 60_000 }];
  await call(`${urls.inspection}/faults`, { method: 'PUT', body });
  const held = call(`${urls.flinksOutbound}/api/v1/token`, { method: 'POST' }).catch((error: unknown) => error);
  child.kill('SIGTERM');
  expect(await exit).toBe(0);
  await held;
});

test('without --json it says the same to a person', async () => {
  const child = run();
  const exit = ended(child);
  expect(await firstLine(child)).toContain('sandbox is running');
  child.kill('SIGTERM');
  expect(await exit).toBe(0);
});
