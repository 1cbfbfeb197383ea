import { z } from 'zod';
import { OPERATIONS } from '../vendor-facts/operations';

/**
 * A fault: what goes wrong on the next `count` calls of a route, after letting `skip` calls pass.
 *
 * `effect` says whether the vendor does what was asked: `none` (the request is lost), `done` (only the answer is lost),
 * or `late`: the answer is lost now and the request takes effect `lateMs` later.
 */
const scope = {
  route: z.enum(OPERATIONS),
  count: z.int().positive().default(1),
  skip: z.int().nonnegative().default(0),
  /** Only calls whose path contains this text. */
  pathContains: z.string().optional(),
  /** Only calls whose body contains this text. */
  bodyContains: z.string().optional(),
};

const effect = {
  effect: z.enum(['none', 'done', 'late']).default('none'),
  lateMs: z.int().nonnegative().default(100),
};

const fault = <Kind extends string, Shape extends z.ZodRawShape>(kind: Kind, shape: Shape) =>
  z.strictObject({ kind: z.literal(kind), ...scope, ...shape });

const jsonObject = z.record(z.string(), z.json());

export const faultSchema = z.discriminatedUnion('kind', [
  /** Holds the request before it takes effect, or its answer. A client that goes away does not stop the effect. */
  fault('delay', { ms: z.int().nonnegative(), hold: z.enum(['request', 'answer']).default('request') }),
  /** Retry-After in seconds or as an HTTP date. */
  fault('throttled-429', { retryAfter: z.string().nullable().default('1') }),
  /** F-codes: Flinks throttles with a 401 (providers.md 2.6). */
  fault('throttled-401', { flinksCode: z.enum(['TOO_MANY_REQUESTS', 'RETRY_LATER']).default('TOO_MANY_REQUESTS') }),
  fault('error-500', effect),
  fault('reset', effect),
  /** Half of the answer, then a closed connection. */
  fault('truncated-body', {}),
  fault('malformed-json', {}),
  fault('html-200', effect),
  /** F-codes: 202 OPERATION_PENDING and OPERATION_DISPATCHED are no success. */
  fault('accepted-202', effect),
  fault('redirect', { ...effect, status: z.int().min(300).max(399).default(302), location: z.string() }),
  /** The true answer with fields changed: paths are dotted (`data.0.proof`). */
  fault('rewrite', {
    set: jsonObject.default({}),
    remove: z.array(z.string()).default([]),
    casing: z.enum(['as-is', 'camel', 'pascal', 'snake']).default('as-is'),
  }),
  /** Any other answer instead of the true one. */
  fault('answer', {
    ...effect,
    status: z.int().min(200).max(599),
    contentType: z.string().default('application/json'),
    body: z.string().default(''),
  }),
]);

/** A fault in force, with its defaults filled in. */
export type Fault = z.output<typeof faultSchema>;
/** A fault as a test writes it: `route` and `kind`, the rest by default. */
export type FaultInput = z.input<typeof faultSchema>;
