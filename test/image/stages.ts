import { spawnSync } from 'node:child_process';
import { cpSync, linkSync, lstatSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
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
    else link(base.root, root);
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

/** From stage to stage files are linked, which spares the disk 200 MB: no step of ours changes one in place. */
function link(source: string, destination: string): void {
  const stats = lstatSync(source);
  if (stats.isFile()) linkSync(source, destination);
  else if (stats.isDirectory()) {
    mkdirSync(destination, { recursive: true });
    for (const name of readdirSync(source)) link(join(source, name), join(destination, name));
  } else cpSync(source, destination, { verbatimSymlinks: true });
}

/** As an engine does: a folder's contents go into the destination, a file goes to it, or into it where it ends with a slash. */
function copy({ from, to }: Step & { does: 'COPY' }, image: Image, stageRoot: string | undefined, build: Build): void {
  const destination = join(image.root, resolve(image.workdir, to));
  for (const path of from) {
    const source = stageRoot === undefined ? sourceInContext(path, build) : join(stageRoot, resolve('/', path));
    const into = to.endsWith('/') && !statSync(source).isDirectory() ? join(destination, basename(path)) : destination;
    if (stageRoot === undefined) cpSync(source, into, { recursive: true, verbatimSymlinks: true });
    else link(source, into);
  }
}

function sourceInContext(path: string, { context, isSent }: Build): string {
  if (isSent(path)) return join(context, path);
  throw new Error(`COPY ${path}: .dockerignore keeps it from the build`);
}

/** By the shell, as the shell form of RUN is; as the user who builds, with what npm needs to know of this machine and the stage's ENV. */
function run({ root, workdir, env }: Image, line: string): void {
  const result = spawnSync('/bin/sh', ['-c', line], {
    cwd: join(root, workdir),
    env: { ...forBuild(process.env), ...env },
    stdio: ['ignore', 2, 2],
  });
  if (result.status !== 0) throw new Error(`RUN ${line}: ended with ${result.status ?? result.signal}`);
}

/** Without what npm said to the script that called us (npm_package_…, INIT_CWD), and without node's own settings. */
const forBuild = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
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
