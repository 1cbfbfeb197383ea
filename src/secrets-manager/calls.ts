import { SecretStoreError, type SecretStoreFailure } from '../errors';
import type { Clock } from '../types';

// AWS answers all client errors with HTTP 400: decide on the error's name, never on the status (secrets-manager.md, 9).
const FAILURE_OF: Readonly<Record<string, SecretStoreFailure>> = {
  ThrottlingException: 'throttled',
  TooManyRequestsException: 'throttled',
  LimitExceededException: 'limit-exceeded', // the quota of versions or labels: not transient
  ResourceNotFoundException: 'not-found',
  AccessDeniedException: 'access-denied',
  UnrecognizedClientException: 'access-denied',
  ExpiredTokenException: 'access-denied',
  InvalidSignatureException: 'access-denied',
  CredentialsProviderError: 'access-denied',
  EncryptionFailure: 'encryption',
  DecryptionFailure: 'encryption',
};

const NEVER_REACHED = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH'];
/** Of a connection that failed the code says more. */
const NAMELESS = ['Error', 'AggregateError'];
/** In place of one secret's name. */
export const EVERY = '*';
const TRIES = 4;
const FIRST_PAUSE_MS = 100;
const FIRST_PAUSE_THROTTLED_MS = 500;

const word = (x: unknown, key: string): string => {
  if (typeof x !== 'object' || x === null || !(key in x)) return '';
  const value: unknown = Reflect.get(x, key);
  return typeof value === 'string' ? value : '';
};

const errorName = (error: unknown): string => word(error, 'name');

/** How a call ended, in one word of a few. @param error absent: it was answered as wanted */
export function callOutcome(error?: unknown): 'ok' | 'exists' | SecretStoreFailure {
  if (error === undefined) return 'ok';
  const name = errorName(error);
  return name === 'ResourceExistsException' ? 'exists' : failureOf(error, name, word(error, 'message'));
}

/** Worded from the caller's name, the action and the resource. */
const SAFE_WORDS = 'AccessDeniedException';

/** Other words may quote what was sent: a validation the value, a refused signature the headers and the session token in them. */
function translated(error: unknown, operation: string, secret: string): SecretStoreError {
  const name = errorName(error);
  const code = word(error, 'code');
  const shown = NAMELESS.includes(name) && code !== '' ? code : name;
  const text = word(error, 'message');
  const failure = failureOf(error, name, text);
  const answered = failure !== 'unavailable' || NEVER_REACHED.includes(code);
  const where = secret === EVERY ? '' : ` on secret ${secret}`;
  const detail = name === SAFE_WORDS ? `: ${text.slice(0, 300)}` : '';
  const fields = { operation, secret, error: shown };
  return new SecretStoreError(`${operation}${where}: ${shown}${detail}`, failure, answered, fields);
}

/** What AWS did not word itself the SDK calls the client's fault: a 5xx of a gateway too, so here the status decides. */
function isServerFault(error: unknown): boolean {
  const metadata: unknown = Reflect.get(Object(error), '$metadata');
  return word(error, '$fault') === 'server' || Number(Reflect.get(Object(metadata), 'httpStatusCode')) >= 500;
}

function failureOf(error: unknown, name: string, text: string): SecretStoreFailure {
  if (isServerFault(error)) return 'unavailable';
  if (name === 'InvalidRequestException') return /deletion|deleted/i.test(text) ? 'marked-for-deletion' : 'invalid';
  const known = FAILURE_OF[name];
  if (known !== undefined) return known;
  return word(error, '$fault') === 'client' && name !== 'InternalServiceError' ? 'invalid' : 'unavailable';
}

/** One call. Errors of the names in `expected` come back as that name, all others are thrown as SecretStoreError. */
export async function call<T, E extends string = never>(
  operation: string,
  secret: string,
  send: () => Promise<T>,
  ...expected: E[]
): Promise<T | E> {
  try {
    return await send();
  } catch (error) {
    const name = errorName(error);
    const known = expected.find((e) => e === name);
    if (known !== undefined) return known;
    throw translated(error, operation, secret);
  }
}

/** For what may be repeated as it is: throttling and failures are tried again after a pause with full jitter. */
export async function retrying<T>(clock: Clock, work: () => Promise<T>): Promise<T> {
  for (let n = 1; ; n += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof SecretStoreError) || !error.retryable || n === TRIES) throw error;
      const first = error.failure === 'throttled' ? FIRST_PAUSE_THROTTLED_MS : FIRST_PAUSE_MS;
      await clock.sleep(Math.random() * first * 2 ** (n - 1));
    }
  }
}
