import { devNull } from 'node:os';
import type { Company } from '../support/company';

interface Given {
  readonly company: Company;
  readonly url: string;
  readonly prefix: string;
}

/** All that the worker's process gets to know: where things are, false AWS credentials, and the guard against going elsewhere. */
export function workerEnvironment({ company, url, prefix }: Given): Record<string, string> {
  return {
    ...company.env,
    REDIS_URL: url,
    BULLMQ_PREFIX: prefix,
    ADMIN_PORT: '0',
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'testing',
    AWS_SECRET_ACCESS_KEY: 'testing',
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    // scripts/lib/refuse-remote.cjs lets nothing leave this machine but what goes to a Redis that was given for this.
    NODE_OPTIONS: process.env.NODE_OPTIONS ?? '',
    TEST_REDIS_URL: url,
  };
}
