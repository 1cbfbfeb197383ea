import type { z } from 'zod';
import { parseJson } from '../http/wire';
import { facts, findOperation, type Vendor } from './operations';
import type { OperationFacts } from './types';

/** What a client sent; header names in any case, `path` with its query if there was one. */
export interface SentRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

/** Headers of plain HTTP, which no vendor needs to declare. `content-type` is checked on its own. */
const PLAIN_HTTP = new Set([
  'host',
  'connection',
  'keep-alive',
  'accept',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'content-length',
  'content-type',
  'pragma',
  'sec-fetch-mode',
  'transfer-encoding',
  'user-agent',
]);

/** Says in which ways a request departs from the vendor's pages; an empty list where it does not. No value is repeated. */
export function checkRequest(vendor: Vendor, sent: SentRequest): string[] {
  const [path = '', query] = sent.path.split('?', 2);
  const found = findOperation(vendor, sent.method, path);
  if (found === null) return [`${sent.method}: no such operation is documented`];
  const documented = facts[found.operation];
  const headers = lowerCased(sent.headers);
  const deviations = [
    ...checkParameters(documented, found.parameters),
    ...checkHeaders(documented, headers),
    ...checkBody(documented, headers, sent.body ?? ''),
    ...(query === undefined ? [] : ['query: none is documented']),
  ];
  return deviations.map((deviation) => `${found.operation}: ${deviation}`);
}

function checkParameters(documented: OperationFacts, parameters: Readonly<Record<string, string>>): string[] {
  return Object.entries(documented.pathParameters).flatMap(([name, form]) =>
    issues(`path {${name}}`, form, parameters[name]),
  );
}

function checkHeaders(documented: OperationFacts, headers: Readonly<Record<string, string>>): string[] {
  const deviations: string[] = [];
  for (const [name, { required, form }] of Object.entries(documented.headers)) {
    const value = headers[name];
    if (value === undefined && required) deviations.push(`header ${name}: missing`);
    if (value !== undefined && !form.test(value)) deviations.push(`header ${name}: not of the documented form`);
  }
  for (const name of Object.keys(headers)) {
    if (!(name in documented.headers) && !PLAIN_HTTP.has(name)) deviations.push(`header ${name}: not documented`);
  }
  if (documented.body === null && headers['content-type'] !== undefined) {
    deviations.push('header content-type: there is no body to describe');
  }
  if (!/json|\*\/\*/.test(headers.accept ?? '*/*')) deviations.push('header accept: refuses JSON');
  return deviations;
}

function checkBody(documented: OperationFacts, headers: Readonly<Record<string, string>>, body: string): string[] {
  if (documented.body === null) return body === '' ? [] : ['body: none is documented'];
  if (body === '') return ['body: missing'];
  const value = parseJson(body);
  if (value === undefined) return ['body: not JSON'];
  return [
    ...issues('body', documented.body, value),
    ...checkPlacement(documented.basicInsteadOf ?? [], headers.authorization !== undefined, value),
  ];
}

/** The client's credentials travel once: in the body or in HTTP Basic (providers.md 1.1). */
function checkPlacement(fields: readonly string[], basic: boolean, body: unknown): string[] {
  const present = typeof body === 'object' && body !== null ? Object.keys(body) : [];
  return fields
    .filter((field) => present.includes(field) === basic)
    .map((field) => (basic ? `body.${field}: sent twice, in HTTP Basic too` : `body.${field}: missing`));
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** The ways in which a value departs from a documented form, each with its place. */
export function issues(place: string, form: z.ZodType, value: unknown): string[] {
  const result = form.safeParse(value);
  if (result.success) return [];
  return result.error.issues.map((issue) => `${[place, ...issue.path.map(String)].join('.')}: ${issue.message}`);
}
