/** The code of a system error (`ENOENT`), by its shape: what node's own modules throw is not always this realm's Error. */
export function errorCode(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown error';
}
