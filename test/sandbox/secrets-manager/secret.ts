/**
 * One secret as plain, immutable data: every change makes a new object, so that an earlier state can be kept for delayed reads.
 * Times are milliseconds since 1970 on the store's clock.
 */
export type SecretValue = { readonly SecretString: string } | { readonly SecretBinary: Uint8Array };

export interface Version {
  /** The ClientRequestToken of the call that made it (API reference, PutSecretValue). */
  readonly id: string;
  readonly value: SecretValue;
  readonly createdAt: number;
}

export interface Secret {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly changedAt: number;
  /** Midnight UTC of the day of the last GetSecretValue: LastAccessedDate carries no time. */
  readonly accessedOn?: number;
  /** End of the recovery window; present while the secret is scheduled for deletion. */
  readonly deletionAt?: number;
  readonly description?: string;
  readonly kmsKeyId?: string;
  /** Whether AWS's own rotation is on; absent when it was never configured. */
  readonly rotationEnabled?: boolean;
  /** Absent until the first tag; empty after the last one went: DescribeSecret shows the difference (recorded). */
  readonly tags?: ReadonlyMap<string, string>;
  /** By id, in the order of creation. */
  readonly versions: ReadonlyMap<string, Version>;
  /** Staging label -> version id. A label is on at most one version, by construction. */
  readonly labels: ReadonlyMap<string, string>;
}

export function sameValue(a: SecretValue, b: SecretValue): boolean {
  if ('SecretString' in a) return 'SecretString' in b && a.SecretString === b.SecretString;
  return 'SecretBinary' in b && Buffer.from(a.SecretBinary).equals(b.SecretBinary);
}
