import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { Place } from './place';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What other users of the machine, and its administrator, see of a running process and of its children: arguments,
 * environment, names of threads, open files. Nothing of one that has ended. Linux only, as /proc is.
 * @param byDesign variables that an operator gives it with these very values, which are not looked at; of its children they are
 */
export function placesOfProcess(pid: number, byDesign: Environment = {}): readonly Place[] {
  const where = `process ${pid}`;
  const threads = namesIn(`/proc/${pid}/task`);
  return [
    ...words(pid, 'cmdline').map((text, n) => ({ where: `argument ${n} of ${where}`, text })),
    ...words(pid, 'environ')
      .filter((text) => !isByDesign(text, byDesign))
      .map((text) => ({ where: `${text.split('=', 1)[0]} in the environment of ${where}`, text })),
    ...threads.map((thread) => ({
      where: `a thread of ${where}`,
      text: contentOf(`/proc/${pid}/task/${thread}/comm`),
    })),
    ...namesIn(`/proc/${pid}/fd`).map((fd) => ({
      where: `open file of ${where}`,
      text: linkOf(`/proc/${pid}/fd/${fd}`),
    })),
    ...threads.flatMap((thread) => childrenOf(pid, thread)).flatMap((child) => placesOfProcess(child)),
  ];
}

function isByDesign(variable: string, byDesign: Environment): boolean {
  const [name = ''] = variable.split('=', 1);
  return byDesign[name] !== undefined && variable === `${name}=${byDesign[name]}`;
}

const words = (pid: number, name: string): string[] =>
  contentOf(`/proc/${pid}/${name}`)
    .split('\0')
    .filter((word) => word !== '');

const childrenOf = (pid: number, thread: string): number[] =>
  contentOf(`/proc/${pid}/task/${thread}/children`).split(' ').filter(Boolean).map(Number);

const namesIn = (folder: string): string[] => orNothing(() => readdirSync(folder)) ?? [];
const contentOf = (path: string): string => orNothing(() => readFileSync(path, 'utf8')) ?? '';
const linkOf = (path: string): string => orNothing(() => readlinkSync(path)) ?? '';

function orNothing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined; // it has ended, or the file has been closed, meanwhile
  }
}
