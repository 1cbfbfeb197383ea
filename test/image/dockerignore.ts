/**
 * Whether a path of the build context goes to the build, by our .dockerignore: `*` first, then `!name` for what stands at the top.
 * Other patterns are refused.
 */
export function parseDockerignore(text: string): (path: string) => boolean {
  const [first, ...others] = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  if (first !== '*')
    throw new Error(`.dockerignore: begins with ${first}, not with *: everything is to be left out first`);
  const names = others.map((line) => {
    const [, name] = /^!([\w.-]+)$/.exec(line) ?? [];
    if (name === undefined) throw new Error(`.dockerignore: a pattern that is not known: ${line}`);
    return name;
  });
  return (path) => names.includes(path.split('/')[0] ?? '');
}
