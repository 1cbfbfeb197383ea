import { createHash, timingSafeEqual } from 'node:crypto';
import fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
} from 'fastify';
import { errorCode } from '../error-code';
import { ConfigError } from '../errors';
import { safeError } from '../log';
import type { Sensitive } from '../sensitive';
import type { Log } from '../types';
import type { AdminConfig } from './config';
import type { Readiness } from './readiness';

interface Pages {
  readonly readiness: () => Promise<Readiness>;
  /** In the text format of Prometheus. */
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
}

export interface AdminServer {
  /** Drops every connection, idle ones too. */
  close(): Promise<void>;
}

/** A caller that is slower than this to send its request is dropped. */
const SLOWEST_REQUEST_MS = 10_000;
const LONGEST_BODY_BYTES = 1_024;

/**
 * Serves `/healthz`, `/readyz` and `/metrics`, and nothing else. `/healthz` asks nobody: it says that the process turns its
 * event loop, and needs no token, so that whoever restarts containers can ask.
 * @throws ConfigError where it cannot listen
 */
export async function startAdminServer(config: AdminConfig, pages: Pages, log: Log): Promise<AdminServer> {
  const app = fastify({
    logger: false,
    forceCloseConnections: true,
    requestTimeout: SLOWEST_REQUEST_MS,
    bodyLimit: LONGEST_BODY_BYTES,
    frameworkErrors: badRequest,
  });
  answerPlainly(app, log);
  app.get('/healthz', async () => ({ alive: true }));
  const onRequest = config.token === undefined ? [] : [tokenRequired(config.token)];
  app.get('/readyz', { onRequest }, async (_, reply) => {
    const readiness = await pages.readiness();
    return reply.code(readiness.ready ? 200 : 503).send(readiness);
  });
  app.get('/metrics', { onRequest }, async (_, reply) => {
    const { contentType, text } = await pages.metrics();
    return reply.header('content-type', contentType).send(text);
  });
  await listen(app, config);
  log.info({ step: 'admin', host: config.host, port: portOf(app) }, 'the admin server listens');
  return { close: () => app.close() };
}

/** A path that is no URL comes to no hook and no other answer. */
const badRequest: NonNullable<FastifyServerOptions['frameworkErrors']> = (_error, _request, reply) => {
  reply.raw.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"bad request"}');
};

/** No word of a request or an error in the answer, and none of a request in the log. */
function answerPlainly(app: FastifyInstance, log: Log): void {
  app.addHook('onSend', async (_, reply) => {
    reply.header('cache-control', 'no-store');
  });
  app.setNotFoundHandler((_, reply) => reply.code(404).send({ error: 'not found' }));
  app.setErrorHandler((error: { readonly statusCode?: number }, _, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) log.warn({ step: 'admin', ...safeError(error) }, 'a page of the admin server failed');
    return reply.code(status).send({ error: status >= 500 ? 'failed' : 'bad request' });
  });
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Compared by digests of one length, in constant time. */
function tokenRequired(token: Sensitive) {
  const wanted = digest(`Bearer ${token.reveal()}`);
  return async ({ headers }: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const given = (headers.authorization ?? '').replace(/^bearer +/i, 'Bearer ');
    if (timingSafeEqual(digest(given), wanted)) return undefined;
    return reply.code(401).header('www-authenticate', 'Bearer').send({ error: 'unauthorized' });
  };
}

function portOf({ server }: FastifyInstance): number | undefined {
  const address = server.address();
  return typeof address === 'object' ? address?.port : undefined;
}

const MEND: Readonly<Record<string, string>> = {
  EADDRINUSE: 'it is in use: write another ADMIN_PORT, 0 for a free one or off, or end what listens there',
  EACCES: 'this user may not listen there: write an ADMIN_PORT above 1023',
  EADDRNOTAVAIL: 'this machine has no such address: mend ADMIN_HOST',
  ENOTFOUND: 'no such host: mend ADMIN_HOST',
};

async function listen(app: FastifyInstance, { host, port }: AdminConfig): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    const code = errorCode(error);
    const mend = MEND[code] ?? 'mend ADMIN_HOST and ADMIN_PORT, or write ADMIN_PORT=off';
    throw new ConfigError([`ADMIN_PORT: cannot listen on ${host} port ${port} (${code}): ${mend}`]);
  }
}
