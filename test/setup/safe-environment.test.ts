import { freshCloneWithRedis } from './project.js';

const DANGEROUS = {
  AWS_ACCESS_KEY_ID: 'real',
  AWS_SECRET_ACCESS_KEY: 'real',
  AWS_SESSION_TOKEN: 'real',
  AWS_PROFILE: 'production',
  AWS_REGION: 'eu-central-1',
  AWS_ENDPOINT_URL_SECRETS_MANAGER: 'https://secretsmanager.eu-central-1.amazonaws.com',
  REDIS_URL: 'redis://production:6379',
  HTTPS_PROXY: 'http://proxy:3128',
  http_proxy: 'http://proxy:3128',
  npm_config_https_proxy: 'http://proxy:3128',
};

test('no variable that could lead to production reaches the program; npm still gets its proxy', async () => {
  const project = freshCloneWithRedis();
  project.write('test/demo/main.ts', 'console.log(JSON.stringify(process.env));');
  project.offerScript(
    'npm',
    'echo "npm by $HTTPS_PROXY" >> "$MACHINE/calls.log"; /bin/cp -R "$MACHINE/node_modules" node_modules',
  );

  const { stdout } = await project.run('demo', { env: { ...DANGEROUS, LANG: 'C' } });
  const env: Record<string, string> = JSON.parse(stdout);

  expect(
    Object.keys(env)
      .filter((name) => /^AWS_/i.test(name))
      .sort(),
  ).toEqual([
    'AWS_ACCESS_KEY_ID',
    'AWS_CONFIG_FILE',
    'AWS_EC2_METADATA_DISABLED',
    'AWS_REGION',
    'AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED',
    'AWS_SECRET_ACCESS_KEY',
    'AWS_SHARED_CREDENTIALS_FILE',
  ]);
  expect(env).toMatchObject({
    AWS_ACCESS_KEY_ID: 'testing',
    AWS_SECRET_ACCESS_KEY: 'testing',
    AWS_REGION: 'us-east-1',
    LANG: 'C',
  });
  expect(Object.keys(env).filter((name) => /proxy|^REDIS_URL$/i.test(name))).toEqual([]);
  expect(project.calls()).toContain('npm by http://proxy:3128');
});

test('every Node process of the program refuses to leave the machine', async () => {
  const project = freshCloneWithRedis();
  project.write(
    'test/demo/main.ts',
    `const code = "fetch('http://192.0.2.1').catch((error) => console.log(error.cause?.code ?? error.code))";
     console.log(require('node:child_process').execFileSync(process.execPath, ['-e', code], { encoding: 'utf8' }));`,
  );

  expect((await project.run('demo')).stdout.trim()).toBe('ERR_REMOTE_REFUSED');
});
