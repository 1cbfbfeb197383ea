// Every error that the program throws on purpose. Their fields and messages are safe to log and to keep in Redis: they
// name the vendor, the route and a code, never a body, a header, a URL or a secret. None carries a `cause`.

interface SafeFields {
  readonly [name: string]: string | number | boolean | undefined;
}

export abstract class RotationError extends Error {
  abstract readonly code: string;
  /** May the same job be tried again as it is? Never says anything about a call that issues. */
  abstract readonly retryable: boolean;
  readonly fields: SafeFields;

  constructor(message: string, fields: SafeFields = {}) {
    super(message);
    this.name = new.target.name;
    this.fields = fields;
  }
}

/** Start-up: every bad value at once, each with where it stands and how to mend it. */
export class ConfigError extends RotationError {
  readonly code = 'config';
  readonly retryable = false;
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `${problems.length} problem${problems.length === 1 ? '' : 's'} in the configuration:\n${problems.map((p) => `- ${p}`).join('\n')}`,
    );
    this.problems = problems;
  }
}

/** A command of `rotator` that cannot be understood; says how to write it. */
export class UsageError extends RotationError {
  readonly code = 'usage';
  readonly retryable = false;
}

/** A person at the terminal went no further. */
export class CancelledError extends RotationError {
  readonly code = 'cancelled';
  readonly retryable = false;
}

/** Nothing reached the provider (refused connection, unknown host), or a read failed. Proves that nothing was done. */
export class ProviderUnavailableError extends RotationError {
  readonly code = 'provider-unavailable';
  readonly retryable = true;
}

/** 429, or the vendor's own word for it. Proves that nothing was done. */
export class ProviderThrottledError extends RotationError {
  readonly code = 'provider-throttled';
  readonly retryable = true;
  readonly retryAfterMs: number | undefined;

  constructor(message: string, fields: SafeFields, retryAfterMs?: number) {
    super(message, fields);
    this.retryAfterMs = retryAfterMs;
  }
}

/** Any other refusal by the provider: nothing was done, and the same call would be refused again. */
export class ProviderRejectedError extends RotationError {
  readonly code = 'provider-rejected';
  readonly retryable = false;
}

/** The grant that was to be renewed has ended, by the vendor's own word: nothing was done, and no renewal will mend it. */
export class GrantEndedError extends RotationError {
  readonly code = 'grant-ended';
  readonly retryable = false;
}

export const OWN_CREDENTIAL_REFUSED = 'own-credential-refused';

/** The worker's own credential is refused, or is not there. Proves that nothing was done. */
export class ProviderAuthError extends RotationError {
  readonly code = OWN_CREDENTIAL_REFUSED;
  readonly retryable = false;
}

/** The vendor knows the credential that was tried and does not let it in: neither works nor refused. For a person. */
export class NotPermittedError extends RotationError {
  readonly code = 'valid-but-not-permitted';
  readonly retryable = false;
}

/** A success that cannot be read; after a state-changing call the outcome is unknown. */
export class ProviderProtocolError extends RotationError {
  readonly code = 'provider-protocol';
  readonly retryable = false;
}

/** A state-changing call without a readable answer. Resolved by the kind's rule, never retried as it is. */
export class OutcomeUnknownError extends RotationError {
  readonly code = 'outcome-unknown';
  readonly retryable = false;
}

export type SecretStoreFailure =
  | 'access-denied'
  | 'encryption'
  | 'invalid'
  | 'limit-exceeded'
  | 'marked-for-deletion'
  | 'not-found'
  | 'throttled'
  | 'unavailable';

/** AWS refused or failed. `answered` false: the call may have been, or may still be, carried out. */
export class SecretStoreError extends RotationError {
  readonly code = 'secret-store';
  readonly failure: SecretStoreFailure;
  readonly answered: boolean;

  constructor(message: string, failure: SecretStoreFailure, answered: boolean, fields: SafeFields = {}) {
    super(message, { ...fields, failure });
    this.failure = failure;
    this.answered = answered;
  }

  get retryable(): boolean {
    return this.failure === 'throttled' || this.failure === 'unavailable';
  }
}

/** Another worker holds the lock. */
export class LockHeldError extends RotationError {
  readonly code = 'lock-held';
  readonly retryable = true;
}

/** Redis is away or refused: the command was not carried out, or its answer was lost. */
export class RedisUnavailableError extends RotationError {
  readonly code = 'redis-unavailable';
  readonly retryable = true;
}

/** A stored value that its entry cannot read: no grant id, not JSON. */
export class StoredValueError extends RotationError {
  readonly code = 'stored-value';
  readonly retryable = false;
}

/** Our own bug: stops, alarms. */
export class InvariantError extends RotationError {
  readonly code = 'invariant';
  readonly retryable = false;
}

/** Did the call certainly change nothing at the vendor, without counting as a failed attempt (design, section 3)? */
export function provesNothingDone(
  error: unknown,
): error is ProviderUnavailableError | ProviderThrottledError | ProviderAuthError {
  return (
    error instanceof ProviderUnavailableError ||
    error instanceof ProviderThrottledError ||
    error instanceof ProviderAuthError
  );
}
