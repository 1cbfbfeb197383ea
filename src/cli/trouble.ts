import {
  ConfigError,
  ProviderAuthError,
  RedisUnavailableError,
  RotationError,
  SecretStoreError,
  UsageError,
} from '../errors';
import { frames } from '../queue/retries';
import { FAILED, USAGE } from './exit-codes';
import { say } from './output';

/** Says once what is wrong and what to do next. @returns the exit code */
export function exitCodeFor(error: unknown): number {
  if (!(error instanceof RotationError)) {
    say(`A bug of ours: please report it.\n${[nameOf(error), ...frames(error)].join('\n  ')}`);
    return FAILED;
  }
  say(error.message);
  const next = nextAfter(error);
  if (next !== undefined) say(`Next: ${next}`);
  return error instanceof ConfigError || error instanceof UsageError ? USAGE : FAILED;
}

/** Of a stranger's error only the name: its message may quote anything. */
const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'unknown');

function nextAfter(error: RotationError): string | undefined {
  if (error instanceof RedisUnavailableError) return 'check REDIS_URL, and that Redis runs; then send it again.';
  if (error instanceof ProviderAuthError) return "mend the worker's own credential where the manifest says that it is.";
  if (error instanceof SecretStoreError) return storeAdvice(error);
  return error.retryable ? 'try it again in a while.' : undefined;
}

function storeAdvice({ failure }: SecretStoreError): string {
  switch (failure) {
    case 'access-denied':
      return 'give your AWS credentials the permissions that README names under "In a container".';
    case 'throttled':
    case 'unavailable':
      return 'Secrets Manager cannot be reached, or does not keep up: check the network and AWS_REGION, and try again.';
    default:
      return 'look at the secret in Secrets Manager.';
  }
}
