import type { ProviderTraits } from '../../src/provider';
import type { Kind } from '../../src/types';

const DAY = 24 * 3_600_000;

/** Kinds whose secret the vendor makes: they are rotated. */
export const ISSUED_KINDS = ['flinks-outbound-recipient', 'flinks-auth-secret', 'finicity-access-key'] as const;
export type IssuedKind = (typeof ISSUED_KINDS)[number];

/** As the providers have them. */
export const TRAITS: Readonly<Record<Kind, ProviderTraits>> = {
  'flinks-outbound-recipient': {
    issuedBy: 'vendor',
    verifiable: true,
    revocable: false,
    keepsOthers: false,
    replacesInPlace: true,
    undo: 'none',
    suspectUntil: (issuedAt) => issuedAt + DAY,
  },
  'flinks-auth-secret': {
    issuedBy: 'vendor',
    verifiable: false,
    revocable: true,
    keepsOthers: false,
    replacesInPlace: false,
    undo: 'enable',
    suspectUntil: () => 'never',
  },
  'finicity-access-key': {
    issuedBy: 'vendor',
    verifiable: false,
    revocable: true,
    keepsOthers: true,
    replacesInPlace: false,
    undo: 'none',
    suspectUntil: (_issuedAt, expiresAt) => expiresAt ?? 'never',
  },
  'finicity-partner-secret': {
    issuedBy: 'us',
    verifiable: false,
    revocable: false,
    keepsOthers: false,
    replacesInPlace: false,
    undo: 'change',
    suspectUntil: (issuedAt) => issuedAt,
  },
  'finout-api-token': {
    issuedBy: 'person',
    verifiable: true,
    revocable: false,
    keepsOthers: true,
    replacesInPlace: false,
    undo: 'forward',
    suspectUntil: (issuedAt) => issuedAt,
  },
};
