import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import type { Command, Stage, Step } from './dockerfile';

/** What an engine would make of one stage, with a folder for its root. */
export interface Image {
  readonly root: string;
  readonly workdir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly user: { readonly uid: number; readonly gid: number };
  readonly command: Command;
  readonly healthCheck: Command;
}

interface Build {
  readonly stages: readonly Stage[];
  /** The build context. */
  readonly context: string;
  readonly isSent: (path: string) => boolean;
  /** Each stage's root is a folder in here, by its name. */
  readonly folder: string;
  readonly say: (line: string) => void;
}

const NOTHING: Omit<Image, 'root'> = { workdir: '/', env: {}, user: { uid: 0, gid: 0 }, command: [], healthCheck: [] };

/** Performs a stage, after those that it needs; each of them once. What a registry's image would bring is not there: node is this machine's. */
export function makeBuilder(build: Build): (name: string) => Image {
  const done = new Map<string, Image>();
  const perform = (name: string): Image => {
    const before = done.get(name);
    if (before !== undefined) return before;
    const stage = build.stages.find((one) => one.name === name);
    if (stage === undefined) throw new Error(`the Dockerfile has no stage ${name}`);
    const root = join(build.folder, name);
    const base = build.stages.some((one) => one.name === stage.base) ? perform(stage.base) : undefined;
    if (base === undefined) mkdirSync(root);
    else cpSync(base.root, root, COPY);
    const image = stage.steps.reduce<Image>(
      (soFar, step) => {
        build.say(`${name}: ${describe(step)}`);
        return performStep(soFar, step);
      },
      { ...(base ?? NOTHING), root },
    );
    done.set(name, image);
    return image;
  };
  const performStep = (image: Image, step: Step): Image => {
    switch (step.does) {
      case 'WORKDIR':
        mkdirSync(join(image.root, step.path), { recursive: true });
        return { ...image, workdir: step.path };
      case 'ENV':
        return { ...image, env: { ...image.env, [step.name]: step.value } };
      case 'USER':
        return { ...image, user: { uid: step.uid, gid: step.gid } };
      case 'HEALTHCHECK':
        return { ...image, healthCheck: step.command };
      case 'CMD':
        return { ...image, command: step.command };
      case 'RUN':
        run(image, step.line);
        return image;
      case 'COPY':
        copy(step, image, step.stage === undefined ? undefined : perform(step.stage).root, build);
        return image;
    }
  };
  return perform;
}

const COPY = { recursive: true, verbatimSymlinks: true, preserveTimestamps: true };

/** As an engine does: a folder's contents go into the destination, a file goes to it, or into it where it ends with a slash. */
function copy(step: Step & { does: 'COPY' }, image: Image, stageRoot: string | undefined, build: Build): void {
  const destination = join(image.root, resolve(image.workdir, step.to));
  for (const path of step.from) {
    const source = stageRoot === undefined ? join(build.context, path) : join(stageRoot, resolve('/', path));
    const isLeftOut = stageRoot === undefined && !build.isSent(path);
    if (isLeftOut || !existsSync(source)) throw new Error(`COPY ${path}: it is not there for the build`);
    const into =
      step.to.endsWith('/') && !statSync(source).isDirectory() ? join(destination, basename(path)) : destination;
    const filter = (file: string): boolean => stageRoot !== undefined || build.isSent(relative(build.context, file));
    cpSync(source, into, { ...COPY, filter });
  }
}

/** By the shell, as the shell form of RUN is; as the user who builds, with what npm needs to know of this machine and the stage's ENV. */
function run({ root, workdir, env }: Image, line: string): void {
  const result = spawnSync('/bin/sh', ['-c', line], {
    cwd: join(root, workdir),
    env: { ...withoutNodeOptions(process.env), ...env },
    stdio: ['ignore', 2, 2],
  });
  if (result.status !== 0) throw new Error(`RUN ${line}: ended with ${result.status ?? result.signal}`);
}

/** npm's own settings for the project that called us (npm_package_…, INIT_CWD) are not those of the build. */
const withoutNodeOptions = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => !/^(NODE_OPTIONS|NODE_ENV|INIT_CWD|npm_(package|lifecycle|node|command).*)$/.test(name),
    ),
  );

function describe(step: Step): string {
  return Object.values(step)
    .flat()
    .filter((part) => typeof part === 'string' || typeof part === 'number')
    .join(' ');
}
