import { z } from 'zod';
import { type Later, makeLater } from '../later';
import { type CallLog, type LoggedCall, makeCallLog } from './calls';
import { nameOf } from './context';
import { AwsError, accessDenied, internal, kmsDenied, throttled } from './errors';
import { type Call, type FaultKind, type Faults, makeFaults } from './faults';
import { permissionsFor } from './iam/permissions';
import { allows, type Permission, policySchema } from './iam/policy';
import { AWS_QUOTAS, makeQuotas, type Quotas } from './quotas';
import { makeStore, type Store } from './store';

/** All that can be switched at start and at run time. */
const optionsSchema = z.strictObject({
  /** AWS's rates (AWS_QUOTAS), other rates for its pools, or none. */
  quotas: z.union([
    z.boolean(),
    z.strictObject({ writes: z.number().optional(), list: z.number().optional(), tags: z.number().optional() }),
  ]),
  /** The store's clock minus the host's: in every date, and in the `Date` header. */
  clockOffsetMs: z.number(),
  listLagMs: z.number().min(0),
  readLagMs: z.number().min(0),
  shortPages: z.boolean(),
  /** The identity-based policy that every caller has: what it does not allow is refused. Null: everything is allowed. */
  policy: policySchema.nullable(),
});
type SandboxOptions = z.output<typeof optionsSchema>;
export const partialOptions = optionsSchema.partial();

const DEFAULTS: SandboxOptions = {
  ...{ quotas: false, clockOffsetMs: 0, listLagMs: 0, readLagMs: 0, shortPages: false },
  policy: null,
};

/** What the client gets: an answer, whole or not, a page, a reset connection, or nothing. */
export type Outcome =
  | { readonly kind: 'answer'; readonly result: object }
  | { readonly kind: 'truncated' | 'malformed'; readonly result: object }
  | { readonly kind: 'html' | 'redirect' }
  | { readonly kind: 'error'; readonly error: AwsError }
  | { readonly kind: 'reset' }
  | { readonly kind: 'hang' };

/** The store as a service: with quotas, faults and a log of its calls. Still without a socket. */
export interface Sandbox {
  readonly store: Store;
  readonly faults: Faults;
  readonly calls: CallLog;
  /** All that calls asked of the policy while there was one, allowed or not. */
  readonly permissions: readonly Permission[];
  options(): SandboxOptions;
  /** Changes what is given, keeps the rest. New quotas begin with full buckets. */
  setOptions(changes: z.input<typeof partialOptions>): void;
  handle(operation: string, input: unknown): Promise<Outcome>;
  /** What a `delay` holds back takes effect now. */
  runLate(): void;
}

export interface SandboxStart extends Partial<SandboxOptions> {
  /** The host's clock, Date.now by default. */
  readonly now?: () => number;
  readonly region?: string;
  /** Told of every call that was carried out, whatever the client saw of it. */
  readonly onCall?: (operation: string, input: unknown) => void;
}

export function makeSandbox({
  now = Date.now,
  region = 'us-east-1',
  onCall = () => undefined,
  ...given
}: SandboxStart = {}): Sandbox {
  const store = makeStore({ now, region });
  const faults = makeFaults();
  const calls = makeCallLog();
  const permissions: Permission[] = [];
  const later = makeLater();
  let options = DEFAULTS;
  let quotas: Quotas = makeQuotas({}, monotonicMs);

  const setOptions = (changes: z.input<typeof partialOptions>) => {
    options = optionsSchema.parse({ ...options, ...changes });
    if (changes.quotas !== undefined) quotas = makeQuotas(rates(changes.quotas), monotonicMs);
    const { quotas: _, policy: __, ...ofTheStore } = options;
    Object.assign(store.options, ofTheStore);
  };
  setOptions(given);

  const refusal = (operation: string, input: unknown): AwsError | undefined => {
    if (options.policy === null) return undefined;
    const { policy } = options;
    const asked = permissionsFor({ operation, input, ...store.named(subject(input)) });
    permissions.push(...asked);
    const denied = asked.find((permission) => !allows(policy, permission));
    if (denied === undefined) return undefined;
    const [service, action = ''] = denied.action.split(':');
    return service === 'kms' ? kmsDenied() : accessDenied(action, denied.resource);
  };

  return {
    ...{ store, faults, calls, permissions },
    options: () => options,
    setOptions,
    async handle(operation, input) {
      const call = { operation, secret: subject(input) };
      const logged = calls.begin(call, store.now());
      const outcome = quotas.admit(operation)
        ? await underFaults(faults, call, later, () => run(store, { operation, input, refusal, onCall }))
        : failed(throttled());
      note(logged, outcome);
      return outcome;
    },
    runLate: later.runAll,
  };
}

const monotonicMs = () => performance.now();

function rates(quotas: SandboxOptions['quotas']) {
  if (quotas === false) return {};
  if (quotas === true) return AWS_QUOTAS;
  const { writes, list, tags } = AWS_QUOTAS;
  return {
    writes: { ...writes, perSecond: quotas.writes ?? writes.perSecond },
    list: { ...list, perSecond: quotas.list ?? list.perSecond },
    tags: { ...tags, perSecond: quotas.tags ?? tags.perSecond },
  };
}

const subjectSchema = z.object({ SecretId: z.string().optional(), Name: z.string().optional() });

function subject(input: unknown): string | undefined {
  const { data } = subjectSchema.safeParse(input);
  return data?.SecretId === undefined ? data?.Name : nameOf(data.SecretId);
}

type Refusal = (operation: string, input: unknown) => AwsError | undefined;

interface Request {
  readonly operation: string;
  readonly input: unknown;
  readonly refusal: Refusal;
  readonly onCall: (operation: string, input: unknown) => void;
}

function run(store: Store, { operation, input, refusal, onCall }: Request): Outcome {
  const refused = refusal(operation, input);
  if (refused !== undefined) return failed(refused);
  try {
    const result = store.call(operation, input);
    onCall(operation, input);
    return { kind: 'answer', result };
  } catch (error) {
    if (error instanceof AwsError) return failed(error);
    throw error;
  }
}

const failed = (error: AwsError): Outcome => ({ kind: 'error', error });

async function underFaults(faults: Faults, call: Call, later: Later, effect: () => Outcome): Promise<Outcome> {
  const { delayMs, kind } = faults.take(call);
  if (delayMs > 0) await later.wait(delayMs);
  if (kind === undefined) return effect();
  return faulty(kind, call, isDone(kind) ? effect() : undefined);
}

const DONE: readonly FaultKind[] = ['error-after', 'reset-after', 'hang-after', 'truncated', 'malformed', 'html-after'];
const isDone = (kind: FaultKind): boolean => DONE.includes(kind);

/** @param done how the call ended, where it took effect */
function faulty(kind: FaultKind, { operation, secret }: Call, done: Outcome | undefined): Outcome {
  switch (kind) {
    case 'throttle':
      return failed(throttled());
    case 'refuse':
      return failed(accessDenied(operation, secret));
    case 'error-before':
    case 'error-after':
      return failed(internal());
    case 'reset-before':
    case 'reset-after':
      return { kind: 'reset' };
    case 'hang':
    case 'hang-after':
      return { kind: 'hang' };
    case 'truncated':
    case 'malformed':
      return done?.kind === 'answer' ? { kind, result: done.result } : (done ?? { kind: 'reset' });
    case 'html-before':
    case 'html-after':
      return { kind: 'html' };
    case 'redirect':
      return { kind: 'redirect' };
    case 'delay':
      throw new Error('a delay has no outcome of its own');
  }
}

function note(logged: LoggedCall, outcome: Outcome): void {
  if (outcome.kind === 'answer') logged.outcome = 'ok';
  else logged.outcome = outcome.kind === 'error' ? outcome.error.type : outcome.kind;
}
