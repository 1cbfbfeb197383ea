// The only importer of axios. What leaves this file is a reply or an error of our own: an AxiosError holds the URL, the
// headers and both bodies, and logging one prints them (measured, stack.md), so it goes no further, not even as cause.

import axios, { type AxiosResponse } from 'axios';
import {
  ConfigError,
  InvariantError,
  OutcomeUnknownError,
  ProviderAuthError,
  ProviderThrottledError,
  ProviderUnavailableError,
  type RotationError,
} from '../errors';
import type { VendorAnswer } from '../provider';
import { Sensitive } from '../sensitive';
import type { Instant } from '../types';
import { type Agents, makeAgents, makePatience, notBegun, type Progress, watchingTransport } from './connection';
import { retryAfterMs } from './retry-after';

export interface VendorRequest {
  /** Names the call in errors and logs; a constant, never made of data. */
  readonly route: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Segments after the base URL, not yet encoded. */
  readonly path: readonly (string | Sensitive)[];
  readonly headers?: Readonly<Record<string, string | Sensitive>>;
  /** JSON text; nothing else is ever sent. */
  readonly json?: Sensitive;
  /** True: a lost answer is an unknown outcome. False: the call may be made again without harm. */
  readonly changesState: boolean;
  /** True: the provider judges what stands in a 200, be it the page of a login. */
  readonly takesAnyBody?: boolean;
}

/** A readable answer: 200 or 201 with JSON (or `takesAnyBody`), 204, or a 4xx other than 408 and 429 (whatever its body). */
export interface VendorReply {
  /** The account's name in the manifest. */
  readonly account: string;
  readonly route: string;
  readonly status: number;
  /** As sent, parameters and all; empty where there was none. */
  readonly contentType: string;
  readonly body: Sensitive;
}

export interface VendorHttp {
  /**
   * One request: no redirect is followed, nothing is retried or cached.
   * @throws ProviderUnavailableError nothing reached the vendor, or a read failed
   * @throws ProviderThrottledError 429
   * @throws OutcomeUnknownError a state-changing call without a readable answer
   */
  send(request: VendorRequest): Promise<VendorReply>;
  close(): void;
}

export interface VendorHttpOptions {
  readonly account: string;
  /** The one place where requests go: a path is appended, never a host. */
  readonly baseUrl: string;
  /** Longest wait for one whole answer. */
  readonly timeoutMs: number;
  /** The configuration's own outbound proxy; the environment's proxy variables are not read. */
  readonly proxyUrl?: string;
  readonly now: () => Instant;
}

const LONGEST_BODY_BYTES = 1_048_576;

export function makeVendorHttp(options: VendorHttpOptions): VendorHttp {
  const base = parsedBase(options);
  const keptAlive = makeAgents(options.proxyUrl, true);

  const sendOver = async (agents: Agents, request: VendorRequest): Promise<VendorReply> =>
    judged(options, request, await exchanged(options, request, urlOf(base, request), agents));

  return {
    async send(request) {
      if (!request.changesState) return sendOver(keptAlive, request);
      // A kept connection that the vendor has closed would turn a call that never arrived into an unknown outcome.
      const fresh = makeAgents(options.proxyUrl, false);
      return sendOver(fresh, request).finally(() => fresh.close());
    },
    close: () => keptAlive.close(),
  };
}

/** The answer's body as JSON; undefined where it is none. */
export function jsonBody(reply: { readonly body: Sensitive }): unknown {
  try {
    return JSON.parse(reply.body.reveal());
  } catch {
    return undefined; // the parser's message quotes the body
  }
}

/** The answer's body as a JSON object, verbatim; undefined where it is none. */
export function jsonObject(reply: { readonly body: Sensitive }): VendorAnswer | undefined {
  const value = jsonBody(reply);
  return isObject(value) ? value : undefined;
}

export const isObject = (value: unknown): value is VendorAnswer =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const jsonText = (value: unknown): Sensitive => new Sensitive(JSON.stringify(value));

function parsedBase({ account, baseUrl }: VendorHttpOptions): URL {
  const base = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  const bare = base !== undefined && /^https?:$/.test(base.protocol) && base.username === '' && base.password === '';
  if (!bare || base.search !== '' || base.hash !== '') {
    throw new ConfigError([
      `account ${account}: a base URL must be http(s)://host[:port][/path], without user or query`,
    ]);
  }
  return base;
}

/**
 * Every segment is one path segment whatever it holds; an empty or a dotted one would make another operation of the call
 * (`…/authsecret/disable/` generates a secret for a partner called "disable", providers.md 2.5).
 */
function urlOf(base: URL, request: VendorRequest): string {
  const segments = request.path.map(plain);
  if (segments.some((segment) => segment.trim() === '' || segment === '.' || segment === '..')) {
    throw new InvariantError(`${request.route}: a path segment is empty or dotted`, { route: request.route });
  }
  const url = new URL(base);
  url.pathname = [base.pathname.replace(/\/+$/, ''), ...segments.map(encodeURIComponent)].join('/');
  return url.href;
}

const plain = (value: string | Sensitive): string => (value instanceof Sensitive ? value.reveal() : value);

async function exchanged(
  options: VendorHttpOptions,
  request: VendorRequest,
  url: string,
  { httpAgent, httpsAgent }: Agents,
): Promise<AxiosResponse<string>> {
  const headers = headersOf(options, request);
  const progress = notBegun();
  const patience = makePatience(options.timeoutMs, progress);
  try {
    const answer = await axios.request<string>({
      url,
      method: request.method,
      headers,
      data: request.json?.reveal(),
      httpAgent,
      httpsAgent,
      transport: watchingTransport(url, progress),
      signal: patience.signal,
      ...SETTINGS,
    });
    if (!progress.proxyRefused) return answer;
  } catch (error) {
    throw failure(options, request, progress, error);
  } finally {
    patience.end();
  }
  throw failure(options, request, progress, undefined);
}

const asIs = (body: unknown): unknown => body;

const SETTINGS = {
  adapter: 'http',
  proxy: false,
  maxRedirects: 0,
  responseType: 'text',
  transformRequest: asIs,
  transformResponse: asIs,
  validateStatus: () => true,
  maxContentLength: LONGEST_BODY_BYTES,
  maxBodyLength: LONGEST_BODY_BYTES,
} as const;

function headersOf({ account }: VendorHttpOptions, request: VendorRequest): Record<string, string | false> {
  const headers: Record<string, string | false> = {
    Accept: 'application/json',
    'User-Agent': 'secret-rotation-worker',
    // Not left to axios, which calls a POST without a body a form.
    'Content-Type': request.json === undefined ? false : 'application/json',
  };
  for (const [name, given] of Object.entries(request.headers ?? {})) {
    const value = plain(given);
    if (!/^[\t\x20-\x7e]*$/.test(value)) throw unsendable(account, request.route, name);
    headers[name] = value;
  }
  return headers;
}

function unsendable(account: string, route: string, header: string): ProviderAuthError {
  const message = `${route}: the value for header ${header} holds a character that HTTP does not allow (a line end in the secret?)`;
  return new ProviderAuthError(message, { account, route });
}

/** No answer. The vendor may have acted only where a connection stood. */
function failure(
  { account }: VendorHttpOptions,
  { route, changesState }: VendorRequest,
  progress: Progress,
  error: unknown,
): RotationError {
  const reason = progress.gaveUp ?? (progress.proxyRefused ? 'refused by the outbound proxy' : codeOf(error));
  const fields = { account, route, reason };
  if (progress.proxyRefused || !progress.reached) {
    return new ProviderUnavailableError(`${route}: nothing reached the vendor (${reason})`, fields);
  }
  if (!changesState) return new ProviderUnavailableError(`${route}: no whole answer (${reason})`, fields);
  return new OutcomeUnknownError(`${route}: no whole answer (${reason}); it may have been carried out`, fields);
}

/** Node's and axios's codes are constants; anything else could be made of data. */
function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,50}$/.test(code) ? code : 'unknown failure';
}

/** An answer came: is it one that says what was done? */
function judged(options: VendorHttpOptions, request: VendorRequest, answer: AxiosResponse<string>): VendorReply {
  const { account } = options;
  const { route } = request;
  const { status } = answer;
  if (status === 429) throw throttled(options, route, answer);
  const contentType = textOf(answer.headers['content-type']) ?? '';
  const reply = { account, route, status, contentType, body: new Sensitive(String(answer.data ?? '')) };
  const flaw = flawOf(reply, request.takesAnyBody === true);
  if (flaw === undefined) return reply;
  const fields = { account, route, status };
  if (!request.changesState) throw new ProviderUnavailableError(`${route}: status ${status}, ${flaw}`, fields);
  throw new OutcomeUnknownError(`${route}: status ${status}, ${flaw}; it may have been carried out`, fields);
}

/** What is wrong with an answer that says neither yes nor no; undefined where it says one of them. */
function flawOf(reply: VendorReply, takesAnyBody: boolean): string | undefined {
  const { status } = reply;
  if (status === 408 || status >= 500) return 'the vendor failed';
  if (status >= 400 || status === 204) return undefined;
  if (status >= 300) return 'a redirect, which is never followed (is the base URL right?)';
  // Flinks: 202 is OPERATION_PENDING or OPERATION_DISPATCHED (providers.md 2.6).
  if (status !== 200 && status !== 201) return 'not a finished success';
  return !takesAnyBody && jsonBody(reply) === undefined ? 'not JSON (the page of a proxy or a login?)' : undefined;
}

const textOf = (header: unknown): string | undefined => (typeof header === 'string' ? header : undefined);

function throttled({ account, now }: VendorHttpOptions, route: string, answer: AxiosResponse): ProviderThrottledError {
  const waitMs = retryAfterMs(textOf(answer.headers['retry-after']), now());
  return new ProviderThrottledError(`${route}: throttled (429)`, { account, route, status: 429 }, waitMs);
}
