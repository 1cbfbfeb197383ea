// The one table of what a policy can say: meaning, bounds and default of each field. The validation, the table of the
// README (policy-table.ts) and the JSON Schema for editors are made of it.

import { z } from 'zod';
import { KINDS, type Kind, type Window } from '../types';
import { duration, durationText, parseDuration } from './durations';
import { ZONE } from './fields';
import { show } from './words';

interface About {
  readonly meaning: string;
  readonly bounds: string;
}

/** What the README's table says about a field, beside its default. */
export const ABOUT = z.registry<About>();

function field<S extends z.ZodType>(schema: S, about: About) {
  const made = schema.describe(about.meaning).exactOptional();
  ABOUT.add(made, about);
  return made;
}

const durationField = (least: string, most: string, meaning: string) =>
  field(duration(least, most), { meaning, bounds: `${least} to ${most}` });

const flag = (meaning: string) => field(z.boolean(), { meaning, bounds: 'true or false' });

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const timeOfDay = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: ({ input }) => `${show(input)} is no time of day: write "22:00"` })
  .describe('a time of day, like "22:00"');

const WINDOW_HELP = 'write { zone: America/Toronto, from: "22:00", to: "05:00" }, or always for no window';

const window = z
  .strictObject({
    zone: ZONE,
    from: timeOfDay,
    to: timeOfDay,
    days: z.array(z.enum(DAYS)).min(1).describe('the weekdays on which it begins; all by default').exactOptional(),
  })
  .refine(({ from, to }) => from !== to, {
    error: 'begins and ends at the same time: write two times, or always for no window',
  })
  .transform(({ zone, from, to, days }): Window => {
    const numbers = days && [...new Set(days)].map((day) => DAYS.indexOf(day) + 1).sort((a, b) => a - b);
    return { zone, from, to, ...(numbers === undefined ? {} : { days: numbers }) };
  });

const instant = z.iso
  .datetime({
    offset: true,
    error: ({ input }) => `${show(input)} is no instant: write date, time and zone, like 2027-01-31T09:00:00Z`,
  })
  .transform((text) => Date.parse(text));

const EVERY_KIND = {
  rotateEvery: durationField('1s', '3650d', 'how old a value may become before it is replaced'),
  window: field(z.union([z.literal('always'), window], { error: WINDOW_HELP }), {
    meaning:
      'when rotations and revocations may begin, by local time: { zone, from, to, days }; yields to an expiry that would come first, or within an hour of its opening; "always" lifts one that the defaults set',
    bounds: 'zone IANA; from and to HH:MM, past midnight where from is later; days mon to sun',
  }),
  minInterval: durationField('0s', '365d', 'a `rotate` message is refused within this time of the last rotation'),
  compromisedMinInterval: durationField('0s', '365d', 'the same for a message of urgency `compromised`'),
  create: flag('may the secret be created where it does not exist?'),
  suspendUntil: field(instant, {
    meaning: 'no rotation and no revocation is begun before; unfinished work is finished',
    bounds: 'an instant with its zone, like 2027-01-31T09:00:00Z',
  }),
  retryAfter: field(z.array(duration('1s', '7d')).min(1).max(10), {
    meaning: 'pauses after the first, second … failed attempt; the last one repeats',
    bounds: '1 to 10 pauses of 1s to 7d',
  }),
  fastRotation: flag(
    'means it: intervals below 28m48s, which would use up the 100 versions that a secret may have a day, are allowed',
  ),
};

/** Not where the vendor ends the old value by itself, and we choose the new one. */
const ISSUED = {
  grace: durationField('0s', '365d', 'how long the replaced grant lives on, for consumers that still hold it'),
  revokeAfter: field(z.enum(['grace', 'confirmation']), {
    meaning: 'what ends the grace period: its time, or only a `revoke` message',
    bounds: 'grace or confirmation',
  }),
  reissueAfterUnknown: flag('may another be issued while the outcome of an earlier attempt is unknown?'),
};

const OUTBOUND_ONLY = {
  proveDead: flag('is the replaced secret tried once when it is settled, to see that it is refused?'),
};

const REVOCABLE_ONLY = {
  revokeUnusedAfter: durationField(
    '7d',
    '3650d',
    "the grant is revoked when nobody has read the secret for so long; a `rotate` message brings a new one. The worker's own reads, when it settles the version before, count as use",
  ),
};

/** Of kinds whose older value can be made current again. */
const UNDOABLE_ONLY = {
  rollbackByMessage: flag('may a `rollback` message make the value before the current one current again?'),
};

const ACCESS_KEY_ONLY = {
  renewal: field(z.enum(['issue', 'extend']), {
    meaning:
      'what a rotation does: `issue` makes another access key; `extend` prolongs the same receipt, sends products that were changed at once, and issues only where the receipt has ended or is compromised',
    bounds: 'issue or extend',
  }),
  validity: durationField('1s', '3650d', 'how long the vendor is asked to let the grant live'),
  renewBefore: durationField('0s', '3650d', 'how long before its end a value is replaced, however young it is'),
};

const FINOUT_ONLY = {
  remindBefore: durationField('0s', '3650d', 'how long before its end a person is asked for a new one'),
};

/** Of one kind, to be spread into the schema of its entries. */
export const POLICY_SHAPES = {
  'flinks-outbound-recipient': { ...EVERY_KIND, ...ISSUED, ...OUTBOUND_ONLY },
  'flinks-auth-secret': { ...EVERY_KIND, ...ISSUED, ...UNDOABLE_ONLY, ...REVOCABLE_ONLY },
  'finicity-access-key': { ...EVERY_KIND, ...ISSUED, ...REVOCABLE_ONLY, ...ACCESS_KEY_ONLY },
  'finicity-partner-secret': EVERY_KIND,
  'finout-api-token': { ...EVERY_KIND, ...ISSUED, ...UNDOABLE_ONLY, ...FINOUT_ONLY },
};

export const ALL_POLICY_FIELDS = {
  ...EVERY_KIND,
  ...ISSUED,
  ...OUTBOUND_ONLY,
  ...REVOCABLE_ONLY,
  ...UNDOABLE_ONLY,
  ...ACCESS_KEY_ONLY,
  ...FINOUT_ONLY,
};

const anyPolicy = z.strictObject(ALL_POLICY_FIELDS);
/** What somebody wrote, in milliseconds; what nobody wrote is not there. */
export type PolicyValues = z.output<typeof anyPolicy>;

/** For all kinds, and for each kind, which wins. */
export const DEFAULTS = z.strictObject({
  ...ALL_POLICY_FIELDS,
  'flinks-outbound-recipient': z.strictObject(POLICY_SHAPES['flinks-outbound-recipient']).exactOptional(),
  'flinks-auth-secret': z.strictObject(POLICY_SHAPES['flinks-auth-secret']).exactOptional(),
  'finicity-access-key': z.strictObject(POLICY_SHAPES['finicity-access-key']).exactOptional(),
  'finicity-partner-secret': z.strictObject(POLICY_SHAPES['finicity-partner-secret']).exactOptional(),
  'finout-api-token': z.strictObject(POLICY_SHAPES['finout-api-token']).exactOptional(),
});

const ms = (text: string): number => parseDuration(text) ?? 0;

const COMMON_DEFAULTS = {
  rotateEvery: ms('30d'),
  grace: ms('24h'),
  revokeAfter: 'grace' as const,
  minInterval: ms('1h'),
  compromisedMinInterval: ms('1h'),
  reissueAfterUnknown: true,
  create: false,
  retryAfter: ['1m', '5m', '30m', '1h'].map(ms),
  fastRotation: false,
  proveDead: true,
  renewal: 'issue' as const,
  rollbackByMessage: false,
  renewBefore: 0,
  remindBefore: 0,
};

type CompletePolicyValues = PolicyValues & Required<Pick<PolicyValues, keyof typeof COMMON_DEFAULTS>>;

export const BUILT_IN: Readonly<Record<Kind, CompletePolicyValues>> = {
  'flinks-outbound-recipient': { ...COMMON_DEFAULTS, grace: ms('1h') },
  'flinks-auth-secret': { ...COMMON_DEFAULTS, reissueAfterUnknown: false },
  'finicity-access-key': {
    ...COMMON_DEFAULTS,
    rotateEvery: ms('60d'),
    validity: ms('90d'),
    renewBefore: ms('14d'),
  },
  'finicity-partner-secret': { ...COMMON_DEFAULTS, rotateEvery: ms('180d'), grace: ms('30d') },
  // A person has to act: the end that they gave at import says when, sooner than the age.
  'finout-api-token': { ...COMMON_DEFAULTS, rotateEvery: ms('365d'), remindBefore: ms('30d') },
};

/** What nobody can set otherwise, also not for all kinds. Finicity's grace after a change (ModifyPartnerSecret): 30 days. */
export const FIXED: Readonly<Partial<Record<Kind, PolicyValues>>> = {
  'finicity-partner-secret': { grace: ms('30d'), revokeAfter: 'grace' },
};

export type PolicyField = keyof PolicyValues;
export const POLICY_FIELDS = anyPolicy.keyof().options;

/** Which kinds know a field. */
export const kindsOf = (name: PolicyField): readonly Kind[] => KINDS.filter((kind) => name in POLICY_SHAPES[kind]);

/** The default as the README writes it. */
export function defaultText(kind: Kind, name: PolicyField): string {
  const value = BUILT_IN[kind][name];
  if (value === undefined) return 'none';
  if (Array.isArray(value)) return value.map(durationText).join(', ');
  return typeof value === 'number' ? durationText(value) : String(value);
}
