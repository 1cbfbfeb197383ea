import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startNode, startProcess } from './processes.js';
import { temporaryFolder } from './temporary-folder.js';

function script(text: string): string {
  const path = join(temporaryFolder(), 'script.cjs');
  writeFileSync(path, text);
  return path;
}

const STAYS = "process.on('SIGTERM', () => process.exit(5)); console.log('up'); setInterval(() => {}, 1000);";

test('output and exit code are collected', async () => {
  const child = startNode(
    script("console.log(process.argv[2], process.env.COLOUR); console.error('oh'); process.exitCode = 3;"),
    {
      args: ['a'],
      env: { COLOUR: 'blue' },
    },
  );

  expect(await child.exited).toEqual({ code: 3, signal: null });
  expect(child.stdout()).toBe('a blue\n');
  expect(child.stderr()).toBe('oh\n');
});

test('SIGTERM lets it end in its own way, SIGKILL does not', async () => {
  const polite = startNode(script(STAYS));
  expect(await polite.waitForLine('up')).toBe('up');
  expect(await polite.kill('SIGTERM')).toEqual({ code: 5, signal: null });

  const crashed = startNode(script(STAYS));
  await crashed.waitForLine(/^up$/);
  expect(await crashed.kill('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
});

test('waiting for a line that never comes fails with all output, as soon as the process has ended', async () => {
  const child = startNode(script("console.log('something else'); console.error('oh');"));

  await expect(child.waitForLine('up', { withinMs: 20_000 })).rejects.toThrow(/the line up in:\nsomething else\noh/);
});

test('a program that does not exist is told by its name', async () => {
  const child = startProcess('/no/such/program');

  await expect(child.exited).rejects.toThrow('/no/such/program could not be started');
  expect(() => child.pid).toThrow('could not be started');
});
