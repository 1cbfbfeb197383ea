import type { AnyLab } from './rotation-lab';

/**
 * What is broken when nothing is under way any more, in the words of the model: P1 AWSCURRENT works; P2 every live grant is
 * that of AWSCURRENT, of AWSPREVIOUS in its grace, or listed; P4 nothing stays unfinished.
 */
export function auditLab(lab: AnyLab, { afterGrace }: { readonly afterGrace: boolean }): string[] {
  return [
    ...lab.broken,
    ...currentWorks(lab),
    ...liveGrants(lab, afterGrace),
    ...unfinished(lab, afterGrace),
    ...refused(lab),
  ];
}

/** Five that fail lock the account of a partner for good: never more than two logins, and a change that was refused. */
function refused({ vendor }: AnyLab): string[] {
  const { logins, changes } = vendor.refused;
  const few = logins <= 2 && logins + changes <= 3;
  return few ? [] : [`P1 ${logins} logins and ${changes} changes were refused`];
}

const listed = ({ tags }: AnyLab): string[] =>
  tags()
    .suspects.filter(({ until }) => until !== 'resolved')
    .map(({ rotationId }) => rotationId);

/** Nothing is to work any more: retired, or given up as unused until somebody asks for it. */
function hasEnded(lab: AnyLab): boolean {
  const { retired } = lab.tags();
  return (
    lab.credential.retired !== undefined || (retired?.unused === true && retired.version === lab.holder('AWSCURRENT'))
  );
}

function currentWorks(lab: AnyLab): string[] {
  if (hasEnded(lab)) return [];
  const current = lab.grantOn('AWSCURRENT');
  if (current === undefined) return lab.tags().blocked === undefined && !waitsForAPerson(lab) ? ['P1 no value'] : [];
  if (lab.currentWorks() || waitsAfterTries(lab)) return [];
  // put back to active, and the outcome of its new issue is unknown: a person decides, as its policy says
  if (lab.tags().retired?.version === lab.holder('AWSCURRENT') && waitsForAPerson(lab)) return [];
  // R1, which no algorithm can prevent: silently replaced, the answer lost, and nobody can verify. It is listed.
  const said = lab.behaviour === 'replace' && listed(lab).length > 0;
  return said ? [] : [`P1 AWSCURRENT is dead (${current})`];
}

/** No automatic issue while the outcome of the last attempt is unknown: the policy says so. */
const waitsForAPerson = (lab: AnyLab): boolean => !lab.credential.policy.reissueAfterUnknown && listed(lab).length > 0;

/** R2: two logins with a chosen value were refused, or may have been. */
const waitsAfterTries = ({ credential, tags }: AnyLab): boolean =>
  credential.kind === 'finicity-partner-secret' && tags().blocked !== undefined;

function liveGrants(lab: AnyLab, afterGrace: boolean): string[] {
  if (lab.credential.kind === 'finicity-partner-secret') return []; // the vendor ends the old one by itself
  if (lab.credential.kind === 'flinks-outbound-recipient' && lab.behaviour === 'overlap') return []; // nothing can be revoked
  const current = lab.grantOn('AWSCURRENT');
  const previous = lab.grantOn('AWSPREVIOUS');
  const { revoked, unrevoked } = lab.tags();
  const settled = revoked.includes(lab.holder('AWSPREVIOUS') ?? '');
  const ended = hasEnded(lab);
  const forAPerson = unrevoked.map((version) => lab.grantOf(version));
  const known = (grant: string, by: string): boolean =>
    (grant === current && !ended) ||
    isLostRenewal(lab, by) ||
    (grant === previous && !settled && !afterGrace && !ended) ||
    listed(lab).includes(by) ||
    forAPerson.includes(grant) ||
    (by === 'person' && unrevoked.includes('versions-without-label'));
  const unknown = [...lab.vendor.live].filter(([grant, by]) => !known(grant, by));
  const why = (grant: string): string => (grant === previous ? 'past its grace' : 'and nobody knows');
  return [
    ...unknown.map(([grant, by]) => `P2 ${grant} of ${by} is alive, ${why(grant)}`),
    ...(waitsForAPerson(lab) ? [] : compromised(lab, forAPerson)),
  ];
}

/** R3, which no algorithm can prevent, and which is said (revocations.test.ts): the vendor answers with the same grant again. */
function compromised(lab: AnyLab, forAPerson: readonly (string | undefined)[]): string[] {
  if (lab.behaviour === 'same') return [];
  return [...lab.compromised]
    .filter((grant) => lab.vendor.live.has(grant) && !forAPerson.includes(grant))
    .map((grant) => `P2 ${grant} is compromised, and alive`);
}

/**
 * Nothing is left by a renewal whose answer was lost, as long as the vendor keeps the ids of receipts, as its pages say. That one
 * does not is known, and its receipts are listed, when a later renewal is answered (extend.test.ts).
 */
function isLostRenewal({ behaviour, credential, world, grantOf }: AnyLab, attempt: string): boolean {
  if (behaviour !== 'other-id') return false;
  const versions = world.aws.named(credential.secretName).secret?.versions.keys() ?? [];
  return ![...versions].some((version) => version.startsWith(attempt) && grantOf(version) !== undefined);
}

function unfinished(lab: AnyLab, afterGrace: boolean): string[] {
  const [current, pending, previous] = [lab.holder('AWSCURRENT'), lab.holder('AWSPENDING'), lab.holder('AWSPREVIOUS')];
  const settled = [undefined, current, previous, lab.holder('ROTATION_GIVEN_UP')].includes(pending);
  const { blocked, revoked } = lab.tags();
  if (waitsAfterTries(lab)) return [];
  const stale = afterGrace && lab.grantOn('AWSPREVIOUS') !== undefined && !revoked.includes(previous ?? '');
  const emptyHanded = lab.grantOn('AWSCURRENT') === undefined && !waitsForAPerson(lab) && !hasEnded(lab);
  return [
    ...(settled && !(pending === current && emptyHanded) ? [] : [`P4 AWSPENDING stays on ${pending}`]),
    ...(blocked === undefined ? [] : [`blocked: ${blocked}`]),
    ...(stale ? ['P4 AWSPREVIOUS never settles'] : []),
  ];
}
