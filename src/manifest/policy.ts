// From what the built-in defaults, the manifest's defaults and an entry say to one policy, and the rules within it.

import type { z } from 'zod';
import { KINDS, type Kind, type Policy } from '../types';
import { durationText } from './durations';
import { BUILT_IN, type DEFAULTS, FIXED, kindsOf, type PolicyField, type PolicyValues } from './policy-fields';
import type { Finding } from './problems';

export type Defaults = z.output<typeof DEFAULTS>;

type Values = (typeof BUILT_IN)[Kind];

const DAY_MS = 86_400_000;
const VERSIONS_A_DAY = 100; // Secrets Manager keeps all versions of the last 24 hours, and refuses beyond about 100
const VERSIONS_A_ROTATION = 2; // the intent and the value
const SHORTEST_INTERVAL_MS = (DAY_MS * VERSIONS_A_ROTATION) / VERSIONS_A_DAY;

/** The nearest word wins: entry, defaults of the kind, defaults, built-in. */
export function resolvePolicy(kind: Kind, defaults: Defaults, entry: PolicyValues): Values {
  const all: Partial<Defaults> = { ...defaults };
  for (const other of KINDS) delete all[other];
  return { ...BUILT_IN[kind], ...all, ...defaults[kind], ...entry, ...FIXED[kind] };
}

/** Entries that set nothing themselves share one policy object a kind: there may be 100,000 of them. */
export function policiesOf(defaults: Defaults): (kind: Kind, own: PolicyValues) => Policy {
  const shared = new Map<Kind, Policy>();
  return (kind, own) => {
    const known = shared.get(kind);
    const plain = Object.keys(own).length === 0;
    if (plain && known !== undefined) return known;
    const policy = toPolicy(kind, resolvePolicy(kind, defaults, own));
    if (plain) shared.set(kind, policy);
    return policy;
  };
}

function toPolicy(kind: Kind, values: Values): Policy {
  const expires = kind === 'finicity-access-key';
  return {
    rotateEveryMs: values.rotateEvery,
    graceMs: values.grace,
    revokeAfter: values.revokeAfter,
    renewBeforeMs: askBefore(kind, values),
    minIntervalMs: values.minInterval,
    compromisedMinIntervalMs: values.compromisedMinInterval,
    reissueAfterUnknown: values.reissueAfterUnknown,
    proveDead: values.proveDead,
    renewal: values.renewal,
    rollbackByMessage: values.rollbackByMessage,
    create: values.create,
    retryAfterMs: values.retryAfter,
    ...(values.window === undefined || values.window === 'always' ? {} : { window: values.window }),
    ...(expires && values.validity !== undefined ? { validityMs: values.validity } : {}),
    ...(values.revokeUnusedAfter === undefined || !kindsOf('revokeUnusedAfter').includes(kind)
      ? {}
      : { revokeUnusedAfterMs: values.revokeUnusedAfter }),
    ...(values.suspendUntil === undefined ? {} : { suspendUntil: values.suspendUntil }),
  };
}

/** How long before its end a value is asked for: of the vendor, or of a person. */
function askBefore(kind: Kind, values: Values): number {
  if (kind === 'finout-api-token') return values.remindBefore;
  return kind === 'finicity-access-key' ? values.renewBefore : 0;
}

/** What in a policy contradicts itself. The path of a finding is one field. */
export function policyFindings(kind: Kind, values: Values): Finding[] {
  const says = (name: PolicyField): string => `${name} (${said(kind, name, values)})`;
  const find = (name: PolicyField, text: string): Finding => ({ path: [name], text });
  return [
    ...(kind === 'finicity-access-key' ? expiryFindings(values, says, find) : []),
    ...intervalFindings(kind, values, find),
    ...orderFindings(kind, values, says, find),
    ...unusedFindings(kind, values, says, find),
  ];
}

type Says = (name: PolicyField) => string;
type Find = (name: PolicyField, text: string) => Finding;

const said = (kind: Kind, name: PolicyField, values: Values): string => {
  const value = values[name];
  const origin = value === BUILT_IN[kind][name] ? ', the default' : '';
  return `${typeof value === 'number' ? durationText(value) : String(value)}${origin}`;
};

function expiryFindings(values: Values, says: Says, find: Find): Finding[] {
  const validity = values.validity ?? 0;
  const needed = values.rotateEvery + values.grace;
  const findings: Finding[] = [];
  if (validity <= needed) {
    const text = `${says('validity')} must be longer than ${says('rotateEvery')} and ${says('grace')} together, or grants end while they are in use`;
    findings.push(find('validity', `${text}: write more than ${durationText(needed)}, or rotate more often`));
  }
  if (values.renewBefore >= validity) {
    const text = `${says('renewBefore')} is not shorter than ${says('validity')}, so that every value is due at once`;
    findings.push(find('renewBefore', `${text}: write less`));
  }
  return findings;
}

/** How old values become when all goes well; 0 or less where renewBefore contradicts validity. */
function intervalOf(kind: Kind, values: Values): number {
  if (kind !== 'finicity-access-key' || values.validity === undefined) return values.rotateEvery;
  return Math.min(values.rotateEvery, values.validity - values.renewBefore);
}

/** A secret whose versions are used up cannot be written: the vendor's answer would be lost. */
function intervalFindings(kind: Kind, values: Values, find: Find): Finding[] {
  if (values.fastRotation) return [];
  const interval = intervalOf(kind, values);
  const checked = [
    ['rotateEvery', values.rotateEvery],
    ...(interval > 0 && interval < values.rotateEvery ? [['renewBefore', interval] as const] : []),
    ['minInterval', values.minInterval],
    ['compromisedMinInterval', values.compromisedMinInterval],
  ] as const;
  return checked
    .filter(([, ms]) => ms < SHORTEST_INTERVAL_MS)
    .map(([name, ms]) => find(name, `allows a rotation every ${durationText(ms)}, too often: ${OFTEN_ENOUGH}`));
}

const OFTEN_ENOUGH = `write at least ${durationText(SHORTEST_INTERVAL_MS)} (Secrets Manager keeps ${VERSIONS_A_DAY} versions a day, a rotation makes ${VERSIONS_A_ROTATION}), or fastRotation: true if you mean it`;

/** Nothing is promoted while the value before is in grace, and no message is heard within minInterval. */
function orderFindings(kind: Kind, values: Values, says: Says, find: Find): Finding[] {
  const findings: Finding[] = [];
  const interval = intervalOf(kind, values);
  const often = (): string =>
    interval < values.rotateEvery ? `validity less renewBefore (${durationText(interval)})` : says('rotateEvery');
  if (!kindsOf('grace').includes(kind)) findings.push(...vendorsGraceFindings(values, says, find));
  else if (interval > 0 && values.grace >= interval) {
    const text = `${says('grace')} is not shorter than ${often()}, and no rotation begins while the value before is in grace`;
    findings.push(find('grace', `${text}: write less, or rotate less often`));
  }
  if (interval > 0 && values.minInterval > interval) {
    const text = `${says('minInterval')} is longer than ${often()}, so that every message would be refused`;
    findings.push(find('minInterval', `${text}: write at most ${durationText(interval)}`));
  }
  return findings;
}

/** That grace nobody can write. */
function vendorsGraceFindings({ rotateEvery, grace }: Values, says: Says, find: Find): Finding[] {
  if (grace < rotateEvery) return [];
  const within = durationText(grace);
  const text = `${says('rotateEvery')} is not longer than the grace of the vendor, ${within}, and no rotation begins within it`;
  return [find('rotateEvery', `${text}: write more than ${within}`)];
}

const SPREAD_SHARE = 0.1; // what falls due by age does so up to a tenth earlier

/** Each rotation is a use, and so is the worker's own read when the grace of the version before ends (a date has no time). */
function unusedFindings(kind: Kind, values: Values, says: Says, find: Find): Finding[] {
  const longest = intervalOf(kind, values) * (1 - SPREAD_SHARE) - values.grace - DAY_MS;
  const limit = values.revokeUnusedAfter;
  if (limit === undefined || limit < longest || !kindsOf('revokeUnusedAfter').includes(kind)) return [];
  const text = `${says('revokeUnusedAfter')} can never be reached: every rotation counts as use, and comes sooner`;
  return [find('revokeUnusedAfter', `${text}: write less, or rotate less often`)];
}
