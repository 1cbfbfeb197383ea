import { createHash } from 'node:crypto';
import type { Observation } from './secret-store';
import type { Credential } from './types';

// What of an entry is sent to the vendor and may change while the grant lives: the products of a receipt that is extended.
// Their fingerprint stands in the credential's tag, so that a change is seen without a secret being read.

/** Fingerprint of what a call sends now; undefined where nothing of the entry is sent again while the grant lives. */
export function parametersOf(credential: Credential): string | undefined {
  if (credential.kind !== 'finicity-access-key' || credential.policy.renewal !== 'extend') return undefined;
  const products = credential.products.map(({ product, accountId, maxCalls, payorId }) =>
    JSON.stringify([product, accountId, maxCalls, payorId]),
  );
  return createHash('sha256').update(products.sort().join(' ')).digest('hex').slice(0, 16);
}

/** Was something else sent last? Where nobody wrote down what was, nothing has changed. */
export function parametersChanged(credential: Credential, { tags }: Observation): boolean {
  const sent = tags.credential?.parameters;
  const now = parametersOf(credential);
  return now !== undefined && sent !== undefined && sent !== now;
}
