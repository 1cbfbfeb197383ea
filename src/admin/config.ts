import { isIP } from 'node:net';
import type { Reader } from '../config';
import { Sensitive } from '../sensitive';
import { isLoopbackHost } from '../url';

/** Where the admin server listens, and what its callers show. */
export interface AdminConfig {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Always present where the host is reached from other machines. */
  readonly token?: Sensitive;
}

const SHORTEST_TOKEN = 16;

/** Undefined where there is to be no admin server, or where something is wrong with its settings. */
export function readAdmin(reader: Reader): AdminConfig | undefined {
  const host = readHost(reader);
  const port = readPort(reader);
  const token = readToken(reader);
  if (host === undefined || port === undefined) return undefined;
  if (token === undefined && !isLoopbackHost(host)) {
    return reader.bad(
      'ADMIN_TOKEN',
      `is not set, and ADMIN_HOST ${host} is reached from other machines: write at least ${SHORTEST_TOKEN} characters, or ADMIN_HOST=127.0.0.1`,
    );
  }
  return { host, port, ...(token === undefined ? {} : { token: new Sensitive(token) }) };
}

function readHost(reader: Reader): string | undefined {
  const host = reader.get('ADMIN_HOST') ?? '127.0.0.1';
  if (isIP(host) !== 0 || /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(host)) return host;
  return reader.bad(
    'ADMIN_HOST',
    `${JSON.stringify(host)}: write an address like 127.0.0.1, 0.0.0.0 or ::, or a host name; the port stands in ADMIN_PORT`,
  );
}

function readPort(reader: Reader): number | undefined {
  const text = reader.get('ADMIN_PORT') ?? '8080';
  if (text === 'off') return undefined;
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  return reader.bad('ADMIN_PORT', `${JSON.stringify(text)}: write a port from 1 to 65535, 0 for a free one, or off`);
}

/** As an Authorization header carries it (RFC 6750, 2.1). Nothing of a bad one is shown. */
function readToken(reader: Reader): string | undefined {
  const token = reader.get('ADMIN_TOKEN');
  if (token === undefined || (token.length >= SHORTEST_TOKEN && /^[\w.~+/-]+=*$/.test(token))) return token;
  const mend = 'write letters, digits and - . _ ~ + /, as `openssl rand -hex 32` makes them';
  const problem =
    token.length < SHORTEST_TOKEN
      ? `is shorter than ${SHORTEST_TOKEN} characters`
      : 'holds other characters than a bearer token may';
  reader.bad('ADMIN_TOKEN', `${problem}: ${mend}`);
  return token;
}
