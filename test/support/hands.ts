import { AwsError } from '../sandbox/secrets-manager/errors';
import { personAt } from './person';
import { recover } from './recovery';
import type { Lab } from './rotation-lab';

// People's hands as faults: what somebody does to a secret in the console while nobody works on it.

/** @returns false where the secret does not take it */
export type Hand = (lab: Lab) => Promise<boolean>;

const secretOf = ({ world, credential }: Lab) => world.aws.named(credential.secretName).secret;

/** With a value of somebody's in it, one that is not ours yet never will be: hands.test.ts. */
const isOurs = (lab: Lab): boolean => lab.tags().credential !== undefined || lab.credential.adopt !== undefined;

function taken(act: () => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return false;
  }
}

/** A person changes the secret of a partner in the portal; of the others they make another grant. */
function putsCurrent(lab: Lab): void {
  if (lab.credential.kind !== 'finicity-partner-secret') return void personAt(lab).putsValue();
  const inForce = [...lab.vendor.live.keys()].at(-1) ?? '';
  personAt(lab).putsValue({ partnerSecret: inForce });
}

/** While they are gone nothing is done with it, whoever comes; but one that its entry adopts is adopted once more. */
async function takesOurTags(lab: Lab): Promise<boolean> {
  const before = secretOf(lab);
  const tags = [...(before?.tags ?? [])].filter(([key]) => key.startsWith('rotation:'));
  if (before === undefined || before.deletionAt !== undefined) return false;
  if (before.labels.size === 0 || tags.length === 0) return false;
  personAt(lab).removesTags(...tags.map(([key]) => key));
  const [changes, live] = [lab.changes, [...lab.vendor.live.keys()].join()];
  await recover(lab);
  const isTouched = lab.changes !== changes || [...lab.vendor.live.keys()].join() !== live;
  if (isTouched && lab.credential.adopt === undefined)
    lab.broken.push('something was done with a secret whose tags are gone');
  for (const [key, value] of tags) personAt(lab).tags(key, value);
  return true;
}

export const HANDS: Readonly<Record<string, Hand>> = {
  'puts a value as AWSCURRENT': async (lab) => isOurs(lab) && taken(() => putsCurrent(lab)),
  async 'takes AWSPENDING away'(lab) {
    const { current, pending } = { current: lab.holder('AWSCURRENT'), pending: lab.holder('AWSPENDING') };
    return pending !== undefined && pending !== current && taken(() => personAt(lab).takesAway('AWSPENDING'));
  },
  'removes our tags, and puts them back': takesOurTags,
};
