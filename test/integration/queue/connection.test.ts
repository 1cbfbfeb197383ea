import { readFileSync } from 'node:fs';
import { connect as dial } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { connect } from '../../../src/queue/connection';
import { afterFile } from '../../support/after-file';
import { redisConfigOf } from '../../support/redis-config';
import { describeWithOwnRedis, startRedis } from '../../support/redis-server';
import { until } from '../../support/until';
import { recordingLog } from './recording-log';
import { connected } from './support';

const WITHIN = { withinMs: 10_000 };
// dist/test/integration/queue -> test/integration/queue
const TLS = join(__dirname, '..', '..', '..', '..', 'test', 'integration', 'queue', 'tls');
const CERTIFICATE = join(TLS, 'server-cert.pem');

function open({ url, caFile }: { readonly url: string; readonly caFile?: string }) {
  const log = recordingLog();
  const connections = connect(redisConfigOf(url, caFile), log);
  afterFile(() => connections.close());
  return { ...connections, log, messages: () => log.lines.map(({ level, message }) => `${level}: ${message}`) };
}

/** TLS in front of a plain Redis. */
async function withTls(port: number): Promise<string> {
  const keys = { key: readFileSync(join(TLS, 'server-key.pem')), cert: readFileSync(CERTIFICATE) };
  const server = createServer(keys, (client) => {
    const redis = dial(port, '127.0.0.1');
    client.on('error', () => redis.destroy()).on('close', () => redis.destroy());
    redis.on('error', () => client.destroy()).on('close', () => client.destroy());
    client.pipe(redis).pipe(client);
  });
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterFile(() => void server.close());
  const address = server.address();
  return `rediss://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`;
}

describeWithOwnRedis('connections to Redis', () => {
  test('an outage is one line, and its end another, and ends nothing else', async () => {
    const redis = await startRedis();
    const { patient, failFast, messages } = open({ url: redis.url });
    await until(() => failFast.ping(), WITHIN);
    await redis.stop();
    await until(() => messages().length > 0, WITHIN);
    await expect(failFast.ping()).rejects.toThrow();
    const waiting = patient.ping();
    await redis.restart();
    expect(await waiting).toBe('PONG');
    expect(await until(() => failFast.ping(), WITHIN)).toBe('PONG');
    await until(() => messages().length > 1, WITHIN);
    expect(messages()).toEqual(['warn: Redis is away: new work waits', 'info: Redis is back']);
  });

  test('a Redis that comes later is found', async () => {
    const redis = await startRedis();
    await redis.stop();
    const { failFast, messages } = open({ url: redis.url });
    await until(() => messages().length === 1, WITHIN);
    await redis.restart();
    expect(await until(() => failFast.ping(), WITHIN)).toBe('PONG');
  });

  test('user and password come from the URL, and go nowhere else', async () => {
    const redis = await startRedis();
    const admin = (await connected(redis.url)).failFast;
    await admin.call('ACL', 'SETUSER', 'ada', 'on', '>hunter2-hunter2', '~*', '+@all');
    await admin.call('ACL', 'SETUSER', 'default', 'off');
    const address = `127.0.0.1:${redis.port}`;
    const known = open({ url: `redis://ada:hunter2-hunter2@${address}` });
    expect(await until(() => known.failFast.ping(), WITHIN)).toBe('PONG');
    const refused = open({ url: `redis://ada:hunter3-hunter3@${address}` });
    await until(() => refused.messages().length > 0, WITHIN);
    expect(refused.log.lines).toMatchObject([{ fields: { redis: expect.stringContaining('WRONGPASS') } }]);
    expect(JSON.stringify(refused.log.lines)).not.toContain('hunter');
  });

  test('rediss:// is TLS, by the authority of the CA file', async () => {
    const url = await withTls((await startRedis()).port);
    const { patient, failFast } = open({ url, caFile: CERTIFICATE });
    expect(await patient.ping()).toBe('PONG');
    expect(await until(() => failFast.ping(), WITHIN)).toBe('PONG');
  });

  test('a certificate of nobody we trust is refused', async () => {
    const { failFast, log } = open({ url: await withTls((await startRedis()).port) });
    await until(() => log.lines.length > 0, WITHIN);
    expect(log.lines).toMatchObject([{ fields: { redis: 'DEPTH_ZERO_SELF_SIGNED_CERT' } }]);
    await expect(failFast.ping()).rejects.toThrow();
  });
});
