import { OutcomeUnknownError, ProviderProtocolError, SecretStoreError, StoredValueError } from './errors';
import type { GrantFields, Revocation } from './provider';
import { type Context, fingerprint, type Outcome } from './rotation-context';
import { tag } from './rotation-tags';
import type { Content, Observation } from './secret-store';
import { grantFields } from './stored-value';
import type { Credential, StoredValue } from './types';

/** A revocation is sent only this soon after the labels were read, by the monotonic clock. */
export const REVOKE_WINDOW_MS = 5_000;

export const firstPause = ({ policy }: Credential): number => policy.retryAfterMs[0] ?? 0;

/**
 * What a version says about its grant; empty when it holds no value that its entry can read.
 * @throws SecretStoreError when a version that has been seen cannot be read yet: it may hold any grant
 */
export async function heldBy({ store, credential }: Context, version: string | undefined): Promise<GrantFields> {
  if (version === undefined) return {};
  const content = await store.read(credential, version);
  if (content === undefined)
    throw new SecretStoreError('a version cannot be read yet', 'unavailable', true, { version });
  return heldIn(credential, version, content);
}

/**
 * The same of what has been read; undefined: the version is no longer there. A grant id that an adopted value does not hold
 * is the entry's to give.
 */
export function heldIn(credential: Credential, version: string, content: Content | undefined): GrantFields {
  if (content?.is !== 'value') return {};
  const given = credential.adopt?.grants[version];
  return { ...(given === undefined ? {} : { grant: given }), ...(readable(credential, content.value) ?? {}) };
}

/** What a value says about its grant; undefined when its entry cannot read it. */
export function readable(credential: Credential, value: StoredValue): GrantFields | undefined {
  try {
    return grantFields(credential, value);
  } catch (error) {
    if (error instanceof StoredValueError) return undefined;
    throw error;
  }
}

/** Does a labelled version hold this grant? Then it is not ours to revoke. */
export async function isHeld(context: Context, seen: Observation, grant: string): Promise<boolean> {
  for (const version of new Set([seen.current?.id, seen.previous?.id, seen.pending?.id])) {
    if ((await heldBy(context, version)).grant === grant) return true;
  }
  return false;
}

type Sent = Revocation | { readonly outcome: 'no-answer' } | { readonly outcome: 'too-late' };

/**
 * Asks the vendor once. It is sent only within seconds of the reading of the labels; one without an answer is written
 * down, so that the vendor's refusal to repeat it can be understood.
 */
export async function sendRevocation(
  context: Context,
  seen: Observation,
  version: string,
  old: GrantFields & { readonly grant: string },
  current: GrantFields,
): Promise<Sent> {
  const { credential, provider, store, clock } = context;
  const from = clock.monotonic();
  if (from - seen.seenAt > REVOKE_WINDOW_MS) return { outcome: 'too-late' };
  const repeated = seen.tags.revoking.includes(version);
  try {
    const mayCallUntil = seen.seenAt + REVOKE_WINDOW_MS;
    const revocation = await provider.revoke(credential, old, { current, repeated, mayCallUntil });
    said(context, version, old.grant, from, revocation.outcome);
    return revocation;
  } catch (error) {
    if (!(error instanceof OutcomeUnknownError || error instanceof ProviderProtocolError)) throw error;
    said(context, version, old.grant, from, error.code);
    if (repeated) {
      const message = 'the vendor does not answer a revocation readably: it is asked again';
      context.log.alarm('revocation-unanswered', { version, reason: error.code }, message);
    }
    await store.tag(credential, tag.revoking(version, clock.now()));
    return { outcome: 'no-answer' };
  }
}

function said({ log, clock, credential }: Context, version: string, grant: string, from: number, reason: string): void {
  const durationMs = Math.round(clock.monotonic() - from);
  log.info(
    { step: 'revoke', version, grant: fingerprint(credential, grant), durationMs, reason },
    'asked the vendor to revoke',
  );
}

/** Not sent, or without an answer: asked again after a pause. */
export const askAgain = ({ clock, credential }: Context, version: string, reason: string): Outcome => ({
  outcome: 'waits',
  version,
  reason,
  retryAt: clock.now() + firstPause(credential),
});

/** The vendor acts on more than it was asked to: nothing is revoked any more until a person has looked. */
export async function hitCurrent(
  { store, credential, log }: Context,
  version: string,
  reinstated: boolean,
): Promise<Outcome> {
  const reason = reinstated ? 'revocation hit AWSCURRENT and was undone' : 'revocation hit AWSCURRENT: it may be dead';
  await store.tag(credential, tag.blocked(reason));
  log.alarm('revocation-hit-current', { version, reinstated }, reason);
  return { outcome: 'blocked', version, reason };
}
