import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type OwnProcess, startNode } from '../support/processes.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { COMMANDS, NODE_MODULES } from './stand-ins.js';

const ROOT = join(__dirname, '../../..');

interface Result {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A fresh clone of a small project with our scripts, on a machine whose PATH has nothing but the stand-ins that a test puts there. */
export interface Project {
  readonly folder: string;
  /** Puts stand-ins on the PATH. */
  offer(...commands: (keyof typeof COMMANDS)[]): void;
  /** Puts a command of the test's own on the PATH: a shell script. */
  offerScript(command: string, script: string): void;
  write(path: string, text: string): void;
  remove(path: string): void;
  exists(path: string): boolean;
  /** Runs scripts/NAME.mjs to its end. */
  run(name: string, options?: { args?: string[]; env?: Record<string, string> }): Promise<Result>;
  start(name: string, options?: { args?: string[]; env?: Record<string, string> }): OwnProcess;
  /** What the stand-ins were asked to do since the last call, a line each. */
  calls(): string[];
  /** Temporary folders that a run has not removed. */
  leftovers(): string[];
}

export function freshClone(): Project {
  const machine = temporaryFolder();
  const [folder, bin, log, temporary] = ['project', 'bin', 'calls.log', 'tmp'].map((name) => join(machine, name)) as [
    string,
    string,
    string,
    string,
  ];
  for (const path of [bin, temporary, join(machine, 'stand-ins')]) mkdirSync(path, { recursive: true });
  cpSync(join(ROOT, 'scripts'), join(folder, 'scripts'), { recursive: true });

  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const executable = (path: string, text: string) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    chmodSync(path, 0o755);
  };
  for (const [command, text] of Object.entries(COMMANDS)) executable(join(machine, 'stand-ins', command), text);
  for (const [path, text] of Object.entries(NODE_MODULES)) executable(join(machine, 'node_modules', path), text);
  symlinkSync(join(ROOT, 'node_modules/ioredis'), join(machine, 'node_modules/ioredis'));
  write('package.json', '{ "name": "clone", "version": "1.0.0" }');
  write('package-lock.json', '{ "name": "clone", "version": "1.0.0", "lockfileVersion": 3 }');
  write('tsconfig.json', '{}');
  write('src/some.ts', '');

  const environment = (env: Record<string, string> = {}) => ({
    ...Object.fromEntries(Object.keys(process.env).map((name) => [name, undefined])),
    PATH: bin,
    TMPDIR: temporary,
    MACHINE: machine,
    ...env,
  });
  const start: Project['start'] = (name, { args = [], env } = {}) =>
    startNode(join(folder, 'scripts', `${name}.mjs`), { args, env: environment(env), cwd: folder });

  return {
    folder,
    offer(...commands) {
      for (const command of commands) cpSync(join(machine, 'stand-ins', command), join(bin, command));
    },
    offerScript: (command, script) => executable(join(bin, command), `#!/bin/sh\n${script}\n`),
    write,
    remove: (path) => rmSync(join(folder, path), { recursive: true }),
    exists: (path) => existsSync(join(folder, path)),
    async run(name, options) {
      const script = start(name, options);
      const { code } = await script.exited;
      return { code, stdout: script.stdout(), stderr: script.stderr() };
    },
    start,
    calls() {
      if (!existsSync(log)) return [];
      const lines = readFileSync(log, 'utf8').trim().split('\n');
      rmSync(log);
      return lines;
    },
    leftovers: () => readdirSync(temporary),
  };
}

/** A fresh clone on a machine that has npm and a Redis: nothing of the set-up can fail. */
export function freshCloneWithRedis(): Project {
  const project = freshClone();
  project.offer('npm', 'redis-server');
  return project;
}
