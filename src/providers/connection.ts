import http from 'node:http';
import https from 'node:https';
import { HttpsProxyAgent } from 'https-proxy-agent';

/** How far a request came. Only the connection itself tells whether the vendor may have read it. */
export interface Progress {
  /** A connection to the vendor stands, TLS included. */
  reached: boolean;
  proxyRefused: boolean;
  gaveUp: 'connect time-out' | 'answer time-out' | undefined;
}

export const notBegun = (): Progress => ({ reached: false, proxyRefused: false, gaveUp: undefined });

/** Longest wait for a connection. */
const CONNECT_MS = 5_000;
/** Shorter than the 5 s after which common servers close an idle connection. */
const IDLE_CONNECTION_MS = 4_000;

/** Two limits, both from the start of the call: for a connection, and for the whole answer. */
export function makePatience(timeoutMs: number, progress: Progress): { readonly signal: AbortSignal; end(): void } {
  const abort = new AbortController();
  const giveUp = (on: Progress['gaveUp']): void => {
    progress.gaveUp ??= on;
    abort.abort();
  };
  const connecting = setTimeout(() => progress.reached || giveUp('connect time-out'), Math.min(CONNECT_MS, timeoutMs));
  const answering = setTimeout(() => giveUp('answer time-out'), timeoutMs);
  return {
    signal: abort.signal,
    end: () => {
      clearTimeout(connecting);
      clearTimeout(answering);
    },
  };
}

/** Node's own client, watched; in the shape that axios takes for a transport. */
export function watchingTransport(url: string, progress: Progress) {
  const secure = url.startsWith('https:');
  return {
    request(options: https.RequestOptions, onAnswer: (answer: http.IncomingMessage) => void): http.ClientRequest {
      const request = (secure ? https : http).request(options, onAnswer);
      const reached = (): void => {
        progress.reached = true;
      };
      // https-proxy-agent plays a proxy's refusal back as if it were the vendor's answer.
      request.once('proxyConnect', ({ statusCode }: { statusCode: number }) => {
        progress.proxyRefused = statusCode !== 200;
      });
      request.once('socket', (socket) => {
        if (request.reusedSocket || (!secure && !socket.connecting)) reached();
        else socket.once(secure ? 'secureConnect' : 'connect', reached);
      });
      return request;
    },
  };
}

export interface Agents {
  readonly httpAgent: http.Agent;
  readonly httpsAgent: http.Agent;
  close(): void;
}

export function makeAgents(proxyUrl: string | undefined, keepAlive: boolean): Agents {
  const how = keepAlive ? { keepAlive, timeout: IDLE_CONNECTION_MS } : { keepAlive };
  const through = proxyUrl === undefined ? undefined : new HttpsProxyAgent(proxyUrl, how);
  const httpAgent = through ?? new http.Agent(how);
  const httpsAgent = through ?? new https.Agent(how);
  return {
    httpAgent,
    httpsAgent,
    close: () => {
      httpAgent.destroy();
      httpsAgent.destroy();
    },
  };
}
