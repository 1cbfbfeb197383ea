import { z } from 'zod';

/** A call as faults and the log see it: never a value. */
export interface Call {
  readonly operation: string;
  /** The name that the SecretId (or Name) speaks of; absent for lists and batches. */
  readonly secret?: string | undefined;
}

/**
 * What goes wrong, and whether the call takes effect:
 *
 * | kind | effect | answer |
 * |---|---|---|
 * | `delay` | after `delayMs`, even if the client has gone | then |
 * | `throttle` | none | ThrottlingException |
 * | `refuse` | none | AccessDeniedException |
 * | `error-before`, `error-after` | none, done | HTTP 500 InternalServiceError |
 * | `reset-before`, `reset-after` | none, done | the connection is reset |
 * | `hang`, `hang-after` | none, done | never |
 * | `truncated`, `malformed` | done | half of the true one, then a closed connection; the true one cut short, as if it were whole |
 * | `html-before`, `html-after` | none, done | HTTP 200 with a page, as a proxy's login has it |
 * | `redirect` | none | HTTP 302 to a page |
 */
export const FAULT_KINDS = [
  'delay',
  'throttle',
  'refuse',
  'error-before',
  'error-after',
  'reset-before',
  'reset-after',
  'hang',
  'hang-after',
  'truncated',
  'malformed',
  'html-before',
  'html-after',
  'redirect',
] as const;

const faultSchema = z.strictObject({
  kind: z.enum(FAULT_KINDS),
  /** Only calls of this operation, or of these. */
  operation: z.union([z.string(), z.array(z.string())]).optional(),
  /** Only calls on the secret of this name; with `*` at its end, on all names that begin so. */
  secret: z.string().optional(),
  /** Lets so many matching calls pass first. */
  skip: z.number().int().min(0).default(0),
  /** Happens to so many calls, then is spent; without it, to all. */
  count: z.number().int().min(1).optional(),
  delayMs: z.number().min(0).default(0),
});

export const faultsSchema = z.array(faultSchema);

/** A fault as given. In process, `when` may decide by anything; over HTTP the other fields do. */
export type Fault = z.input<typeof faultSchema> & { readonly when?: (call: Call) => boolean };
export type FaultKind = (typeof FAULT_KINDS)[number];

type SetFault = z.output<typeof faultSchema> & { readonly when?: ((call: Call) => boolean) | undefined };

export interface Faults {
  /** Adds to what is set. Several may match one call: all delays, and the first of the rest. */
  add(...faults: readonly Fault[]): void;
  clear(): void;
  /** What is still set, with what is left of each `skip` and `count`. */
  list(): object[];
  take(call: Call): { delayMs: number; kind: FaultKind | undefined };
}

export function makeFaults(): Faults {
  let set: SetFault[] = [];
  return {
    add(...faults) {
      set.push(...faults.map(({ when, ...fault }) => ({ ...faultSchema.parse(fault), when })));
    },
    clear() {
      set = [];
    },
    list: () => set.map(({ when, ...fault }) => fault),
    take(call) {
      let delayMs = 0;
      let kind: FaultKind | undefined;
      for (const fault of set.filter((candidate) => applies(candidate, call))) {
        if (fault.kind !== 'delay' && kind !== undefined) continue;
        if (!spend(fault)) continue;
        if (fault.kind === 'delay') delayMs += fault.delayMs;
        else kind = fault.kind;
      }
      set = set.filter(({ count }) => count !== 0);
      return { delayMs, kind };
    },
  };
}

function applies({ operation, secret, when }: SetFault, call: Call): boolean {
  if (operation !== undefined && ![operation].flat().includes(call.operation)) return false;
  if (secret !== undefined && !(call.secret !== undefined && named(secret, call.secret))) return false;
  return when?.(call) ?? true;
}

const named = (pattern: string, name: string) =>
  pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;

/** Whether the fault happens to this call, which it counts. */
function spend(fault: SetFault): boolean {
  if (fault.skip > 0) {
    fault.skip -= 1;
    return false;
  }
  if (fault.count !== undefined) fault.count -= 1;
  return true;
}
