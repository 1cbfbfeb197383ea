import { Redis } from 'ioredis';
import { freePort } from '../support/free-port.js';
import { describeWithOwnRedis, startRedis } from '../support/redis-server.js';
import { freshClone } from './project.js';

const WRITE_A_KEY = `
const { Redis } = require('ioredis');
const redis = new Redis(process.env.TEST_REDIS_URL);
const { TEST_REDIS_PREFIX: prefix } = process.env;
redis.mset(prefix + ':ours', 'x', '{' + prefix + '}:ours', 'x').then(() => redis.disconnect());
console.log(process.env.TEST_REDIS_URL);
`;

describeWithOwnRedis('with TEST_REDIS_URL', () => {
  test('that server is used, no other is started or installed, and only our own keys are removed', async () => {
    const given = await startRedis();
    const redis = new Redis(given.url);
    await redis.set('precious', 'x');
    const project = freshClone();
    project.write('test/demo/main.ts', WRITE_A_KEY);
    project.offer('npm', 'apt-get');

    const { code, stdout } = await project.run('demo', { env: { TEST_REDIS_URL: given.url } });

    expect({ code, stdout }).toEqual({ code: 0, stdout: `${given.url}\n` });
    expect(project.calls()).toEqual([expect.stringMatching(/^npm ci/), 'tsc']);
    expect(await redis.keys('*')).toEqual(['precious']);
    const commands = await redis.info('commandstats');
    expect(commands).toContain('cmdstat_mset:calls=1');
    expect(commands).not.toContain('flush');
    redis.disconnect();
  });
});

test('nothing answers at TEST_REDIS_URL: exit code 2, and no other server is taken instead', async () => {
  const project = freshClone();
  project.write('test/demo/main.ts', 'console.log("ran");');
  project.offer('npm', 'redis-server');
  const port = await freePort();

  const { code, stdout, stderr } = await project.run('demo', { env: { TEST_REDIS_URL: `redis://127.0.0.1:${port}` } });

  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(`Nothing answers at TEST_REDIS_URL (127.0.0.1:${port})`);
});
