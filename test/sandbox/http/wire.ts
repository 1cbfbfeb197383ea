/** A request as it arrived: header names in lower case, the path still percent-encoded and without its query. */
export interface WireRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An answer as it leaves. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Hears everything that comes to a stand-in and goes out of it. */
export type OnWire = (passing: WireRequest | WireAnswer) => void;

export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): WireAnswer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(value) };
}

export function text(status: number, body: string): WireAnswer {
  return { status, headers: { 'content-type': 'text/plain' }, body };
}

/** The page of a proxy or a login wall in front of the vendor. */
export function html(status: number, title: string): WireAnswer {
  const body = `<!doctype html><html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`;
  return { status, headers: { 'content-type': 'text/html' }, body };
}

export const empty = (status: number): WireAnswer => ({ status, headers: {}, body: '' });

/** The body as JSON, or undefined where it is none. */
export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** The value after `Bearer `, or undefined. */
export function bearer(request: WireRequest): string | undefined {
  return /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
}
