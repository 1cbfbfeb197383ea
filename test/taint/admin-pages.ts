import type { Place } from '../support/leaks';
import type { WorkerProcess } from '../support/worker-process';
import { MISPLACED, OWN } from './planted';

const bearing = (token: string): RequestInit => ({ headers: { authorization: `Bearer ${token}` } });

/** Every page, as its caller sees it, let in or not; and requests that hold a secret where none belongs. */
const ASKED: readonly (readonly [path: string, how: RequestInit, status: number])[] = [
  ['/healthz', {}, 200],
  ['/readyz', bearing(OWN['the admin token']), 200],
  ['/metrics', bearing(OWN['the admin token']), 200],
  ['/readyz', {}, 401],
  ['/metrics', bearing(encodeURIComponent(MISPLACED)), 401],
  [`/${encodeURIComponent(MISPLACED)}`, bearing(OWN['the admin token']), 404],
  ['/%', bearing(OWN['the admin token']), 400],
  ['/metrics', { ...bearing(OWN['the admin token']), method: 'POST', body: MISPLACED }, 404],
];

export async function adminPages(worker: WorkerProcess): Promise<Place[]> {
  const { port } = await worker.logged({ msg: 'the admin server listens' });
  const pages: Place[] = [];
  for (const [path, how, status] of ASKED) {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, how);
    if (answer.status !== status)
      throw new Error(`${path.slice(0, 8)} was answered with ${answer.status}, not ${status}`);
    const where = `the page ${path.slice(0, 8)} (${status})`;
    pages.push({ where, text: `${JSON.stringify([...answer.headers])}\n${await answer.text()}` });
  }
  return pages;
}
