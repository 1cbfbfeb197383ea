import { devNull } from 'node:os';
import { inProject } from './paths.mjs';

/** What could lead a test or the demo to a real store: AWS credentials and endpoints, a Redis, a proxy. */
const DROPPED = [/^AWS_/i, /^REDIS_URL$/i, /^(npm_config_)?(https?_|all_|no_|ftp_)?(proxy|noproxy)$/i];

/** False credentials, given so that the SDK does not go and look for real ones in files or at the metadata service. */
const FALSE_CREDENTIALS = {
  AWS_ACCESS_KEY_ID: 'testing',
  AWS_SECRET_ACCESS_KEY: 'testing',
  AWS_REGION: 'us-east-1',
  AWS_CONFIG_FILE: devNull,
  AWS_SHARED_CREDENTIALS_FILE: devNull,
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
};

/**
 * The environment in which tests, demo and sandbox run: they cannot reach production. Every Node process in it,
 * children of tests included, refuses connections that leave the machine, and its stack traces name the TypeScript source.
 */
export function safeEnvironment(env) {
  const kept = Object.entries(env).filter(([name]) => !DROPPED.some((pattern) => pattern.test(name)));
  return { ...Object.fromEntries(kept), ...FALSE_CREDENTIALS, NODE_OPTIONS: nodeOptions(env.NODE_OPTIONS) };
}

function nodeOptions(given = '') {
  const guard = JSON.stringify(inProject('scripts/lib/refuse-remote.cjs'));
  return `${given} --enable-source-maps --require ${guard}`.trim();
}
