/** IAM's wildcards: `*` is any text, `?` one character. */
export function matches(pattern: string, text: string, flags = ''): boolean {
  const parts = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${parts}$`, `s${flags}`).test(text);
}
