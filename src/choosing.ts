import { attempt, type ValueSource } from './attempt';
import { applyChosen } from './chosen-value';
import { StoredValueError } from './errors';
import type { Counts } from './giving-up';
import { heldBy } from './grants';
import { chosenVerbs } from './login-tries';
import type { PreparedChange } from './provider';
import type { Context, Next } from './rotation-context';
import type { Observation } from './secret-store';
import type { Sensitive } from './sensitive';
import { toStored } from './stored-value';
import type { StoredValue } from './types';

/**
 * A value of our own choice: staged before the vendor hears of it, so that a lost answer loses nothing.
 * @param chosen an earlier value that is to be in force again; absent: a new one
 */
export async function chooseAnother(
  context: Context,
  seen: Observation,
  counts: Counts,
  chosen?: StoredValue,
): Promise<Next> {
  const verbs = chosenVerbs(context);
  return verbs.alone(async () => {
    await verbs.prove();
    const from = await currentSecret(context, seen);
    const prepared = await verbs.prepareChange(context.credential);
    try {
      await context.reserveWrites(5);
      if (context.stopping()) return { outcome: 'waits', reason: 'stopping' };
      return await attempt(context, seen, counts, sourceOf(context, chosen, from, prepared));
    } finally {
      await prepared.release();
    }
  });
}

async function currentSecret(context: Context, { current }: Observation): Promise<Sensitive> {
  const { secret } = await heldBy(context, current?.id);
  if (secret !== undefined) return secret;
  throw new StoredValueError('AWSCURRENT does not hold the field that its account names', {
    credential: context.credential.id,
  });
}

const sourceOf = (
  context: Context,
  chosen: StoredValue | undefined,
  from: Sensitive,
  prepared: PreparedChange,
): ValueSource => ({
  call: 'choose',
  expiresAt: undefined,
  async obtain(mayCallUntil) {
    const stored = chosen ?? toStored(context.credential, chosenVerbs(context).choose(context.credential));
    return { stored, whenStaged: (staged) => applyChosen(context, staged, { from, prepared, mayCallUntil }) };
  },
});
