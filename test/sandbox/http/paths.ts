export type PathParameters = Readonly<Record<string, string>>;

/** Matches a path against a template such as `/v3/{customerId}/x`; gives the decoded parameters, or null. */
export function matchPath(template: string, path: string): PathParameters | null {
  const wanted = template.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return null;
  const parameters: Record<string, string> = {};
  for (const [at, part] of wanted.entries()) {
    const value = decode(given[at] ?? '');
    const name = /^\{(.+)\}$/.exec(part)?.[1];
    if (value === null || (name === undefined ? value !== part : value === '')) return null;
    if (name !== undefined) parameters[name] = value;
  }
  return parameters;
}

function decode(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
}
