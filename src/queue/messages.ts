import { z } from 'zod';
import { cleaned } from './cleaned';

/** The names of jobs, in the queue of requests and in those of the accounts. */
const ACTIONS = ['rotate', 'revoke', 'rollback'] as const;
type Action = (typeof ACTIONS)[number];

const MAX_BYTES = 4_096;

/** Text that somebody wrote for people: what cannot be seen is taken out before its length is looked at. */
const note = (limit: number) =>
  z
    .string()
    .transform((text) => cleaned(text, limit + 1))
    .pipe(z.string().min(1).max(limit));

const credential = z.string().min(1).max(200);
/** As Secrets Manager takes them: ours, and the UUIDs of versions that others wrote. */
const version = z.string().regex(/^[\x21-\x7e]{32,64}$/);
const reason = note(500);
const requestedBy = note(200);

/** In ms, by AWS's time: BullMQ reckons a delay by the clocks of two hosts. */
const notBefore = z.int().nonnegative().optional();

/** `none`: a secret without a value. */
const versionOrNone = z.union([version, z.literal('none')]);

const requestSchema = z.strictObject({
  credential,
  reason,
  requestedBy,
  urgency: z.enum(['normal', 'compromised']).default('normal'),
  version: versionOrNone.optional(),
});

const rotateSchema = z.strictObject({
  credential,
  /** The version that is to be replaced; `none` on a secret without a value. Another one is current: done already. */
  version: versionOrNone,
  /** `none`: a sweep found it due or unfinished; the others make that version due now. */
  wish: z.enum(['none', 'normal', 'compromised']),
  reason,
  requestedBy: requestedBy.optional(),
  notBefore,
});

const revokeSchema = z.strictObject({
  credential,
  /** The version whose grant is to end; `none`: a credential without a value is retired. */
  version: versionOrNone,
  /** Now, whatever is left of its grace. */
  endGrace: z.boolean(),
  reason,
  requestedBy: requestedBy.optional(),
  notBefore,
});

const rollbackSchema = z.strictObject({
  credential,
  /** The version that is to be undone. Another one is current: done already. */
  version,
  reason,
  requestedBy: requestedBy.optional(),
});

const sweepSchema = z.strictObject({
  trigger: z.enum(['schedule', 'start', 'reload', 'released', 'redis-emptied', 'late']),
});

/** What anybody may send: a hint which credential, never more. */
export type Request = Readonly<z.infer<typeof requestSchema>> & { readonly action: Action };
export type RotateJob = Readonly<z.infer<typeof rotateSchema>>;
export type RevokeJob = Readonly<z.infer<typeof revokeSchema>>;
export type RollbackJob = Readonly<z.infer<typeof rollbackSchema>>;
export type SweepJob = Readonly<z.infer<typeof sweepSchema>>;

/** What a job leaves in Redis: no secret, and `reason` the same word as in the log. */
export interface JobResult {
  readonly outcome: string;
  readonly version?: string;
  readonly reason: string;
}

export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

/** Reads a message from outside. A refusal is one sentence for its result, and repeats at most a field's name. */
export function parseRequest(jobName: string, data: unknown): Parsed<Request> {
  const action = ACTIONS.find((known) => known === jobName);
  if (action === undefined) {
    return refused(`"${cleaned(jobName, 40)}" is no job of this queue: send "rotate", "revoke" or "rollback".`);
  }
  const parsed = parse(requestSchema, data);
  if (!parsed.ok) return parsed;
  if (action === 'rollback' && parsed.value.urgency === 'compromised') return refused(NO_URGENCY);
  return { ok: true, value: { ...parsed.value, action } };
}

const NO_URGENCY =
  'A rollback knows no urgency: leave it out. Where the current value is compromised, send "rotate" with it.';

/** Our own jobs are read as strictly: whoever writes to Redis can put one there. */
export const parseRotateJob = (data: unknown): Parsed<RotateJob> => parse(rotateSchema, data);
export const parseRevokeJob = (data: unknown): Parsed<RevokeJob> => parse(revokeSchema, data);
export const parseRollbackJob = (data: unknown): Parsed<RollbackJob> => parse(rollbackSchema, data);
export const parseSweepJob = (data: unknown): Parsed<SweepJob> => parse(sweepSchema, data);

function parse<S extends z.ZodType>(schema: S, data: unknown): Parsed<z.infer<S>> {
  const bytes = Buffer.byteLength(JSON.stringify(data) ?? '');
  if (bytes > MAX_BYTES) return refused(`The data has ${bytes} bytes; at most ${MAX_BYTES} are read.`);
  const result = schema.safeParse(data);
  return result.success ? { ok: true, value: result.data } : refused(sentence(result.error.issues[0]));
}

function refused(reason: string): { ok: false; reason: string } {
  return { ok: false, reason };
}

const EXPECTED: Readonly<Record<string, string>> = {
  credential: 'the id of a credential, text of 1 to 200 characters',
  reason: 'text of 1 to 500 characters',
  requestedBy: 'text of 1 to 200 characters',
  urgency: '"normal" or "compromised"',
  version: 'a version id of 32 to 64 characters',
  wish: '"none", "normal" or "compromised"',
  endGrace: 'true or false',
  notBefore: 'a time in milliseconds since 1970',
  trigger: 'what started the sweep',
};

function sentence(issue: z.core.$ZodIssue | undefined): string {
  if (issue?.code === 'unrecognized_keys') {
    return `The field "${cleaned(issue.keys[0] ?? '', 40)}" is unknown; it would not be heeded.`;
  }
  const field = String(issue?.path[0] ?? '');
  const expected = EXPECTED[field];
  return expected === undefined ? 'The data must be one object.' : `The field "${field}" must be ${expected}.`;
}
