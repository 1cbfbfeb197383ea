import { expiryOf, isCompromised, isUnsettled } from './due';
import type { ProviderTraits } from './provider';
import type { Observation } from './secret-store';
import { isAbsent } from './situation';
import type { Instant } from './types';

/** Why AWSPREVIOUS cannot be made current again, as far as labels and tags tell; undefined when it can. */
export function whyNotUndone(
  { undo }: Pick<ProviderTraits, 'undo'>,
  seen: Observation | undefined,
  now: Instant,
): string | undefined {
  if (undo === 'none') return 'the-kind-cannot-roll-back';
  if (seen === undefined || isAbsent(seen)) return 'no-value-yet';
  const { previous, tags } = seen;
  if (previous === undefined || previous.is === 'intent' || previous.is === 'try') return 'no-value-before-it';
  if (isCompromised(seen, previous)) return 'the-value-before-it-is-compromised';
  if ((expiryOf(previous) ?? Number.POSITIVE_INFINITY) <= now) return 'the-value-before-it-has-expired';
  if (undo === 'change') return undefined;
  const ended = !isUnsettled(seen) && !tags.unrevoked.includes(previous.id);
  return ended && undo !== 'enable' ? 'the-value-before-it-was-revoked' : undefined;
}
