import { OutcomeUnknownError, ProviderRejectedError, ProviderUnavailableError } from '../../src/errors';
import { AwsError } from '../sandbox/secrets-manager/errors';

/** Something that a worker does to the world, or waits for: a call to Secrets Manager, to the vendor, to the queue, or time. */
export interface Effect {
  readonly at: 'store' | 'vendor' | 'queue' | 'clock';
  /** The operation as AWS names it, or the provider's verb; of the queue and the clock a word of ours. */
  readonly name: string;
  readonly input: unknown;
}

/** Every effect of a worker passes its gate, which performs it, or does not, and gives the answer, or does not. */
export type Gate = <T>(effect: Effect, perform: () => T | Promise<T>) => Promise<T>;

export const open: Gate = async (_effect, perform) => perform();
export const both =
  (outer: Gate, inner: Gate): Gate =>
  (effect, perform) =>
    outer(effect, () => inner(effect, perform));

const WRITES = [
  ...['CreateSecret', 'PutSecretValue', 'UpdateSecretVersionStage', 'TagResource', 'UntagResource'],
  ...['DeleteSecret', 'RestoreSecret'],
];
const CHANGES = ['issue', 'renew', 'revoke', 'reinstate', 'change', 'login'];
export const isChange = ({ name }: Effect): boolean => WRITES.includes(name) || CHANGES.includes(name);

const never = (): Promise<never> => new Promise(() => undefined);

export interface Crashing {
  readonly gate: Gate;
  /** Settles when the worker has died. */
  readonly died: Promise<'died'>;
}

/** The process dies at its n-th effect: before it, or after it with the answer lost. */
export function crashAt(n: number, when: 'before' | 'after'): Crashing {
  let count = 0;
  let die: (word: 'died') => void = () => undefined;
  const died = new Promise<'died'>((resolve) => {
    die = resolve;
  });
  const gate: Gate = async (_effect, perform) => {
    count += 1;
    if (count > n) return never();
    if (count < n) return perform();
    try {
      if (when === 'after') await perform();
    } catch {
      // refused: an answer like any other, and lost like any other
    }
    die('died');
    return never();
  };
  return { gate, died };
}

export type Fault =
  /** No answer: the call was carried out, was not, or will be. */
  | 'lost-after'
  | 'lost-before'
  | 'late'
  /** An answer: refused for good, or proven not to have been done. */
  | 'refused'
  | 'not-done';

/** Waiting has no answer. */
export const isCall = ({ at }: Effect): boolean => at === 'store' || at === 'vendor';

/** Answers with faults; what is late waits in `later` until somebody runs it. */
export function faulty(faultOf: (effect: Effect) => Fault | undefined, later: (() => unknown)[] = []): Gate {
  return async (effect, perform) => {
    const fault = isCall(effect) ? faultOf(effect) : undefined;
    if (fault === undefined) return perform();
    if (fault === 'lost-after') await perform();
    if (fault === 'late') later.push(perform);
    throw effect.at === 'vendor' ? vendorError(fault) : storeError(fault);
  };
}

function vendorError(fault: Fault): Error {
  if (fault === 'refused') return new ProviderRejectedError('the vendor says no');
  if (fault === 'not-done') return new ProviderUnavailableError('connection refused');
  return new OutcomeUnknownError('no answer');
}

function storeError(fault: Fault): Error {
  if (fault === 'refused') return new AwsError('AccessDeniedException', 'not authorized');
  if (fault === 'not-done') return new AwsError('ThrottlingException', 'Rate exceeded');
  return Object.assign(new Error('no answer'), { name: 'TimeoutError' });
}

/** The fault happens to the n-th effect (of 1) for which the condition holds. */
export function onNth(
  n: number,
  fault: Fault,
  applies: (effect: Effect) => boolean,
): (effect: Effect) => Fault | undefined {
  let met = 0;
  return (effect) => {
    if (!applies(effect)) return undefined;
    met += 1;
    return met === n ? fault : undefined;
  };
}

export const verb =
  (name: string) =>
  (effect: Effect): boolean =>
    effect.at === 'vendor' && effect.name === name;

const text = (input: unknown): string => String(Reflect.get(Object(input), 'SecretString'));
const isRecord = (input: unknown, is: string): boolean => text(input).startsWith(`{"rotation:record":"${is}"`);

export const putsTry = ({ name, input }: Effect): boolean =>
  name === 'PutSecretValue' && String(Reflect.get(Object(input), 'ClientRequestToken')).startsWith('try');

const isPut = ({ name }: Effect): boolean => name === 'PutSecretValue';
export const putsIntent = (effect: Effect): boolean => isPut(effect) && isRecord(effect.input, 'intent');
export const putsTombstone = (effect: Effect): boolean => isPut(effect) && isRecord(effect.input, 'tombstone');
export const putsValue = (effect: Effect): boolean =>
  isPut(effect) && !putsIntent(effect) && !putsTombstone(effect) && !putsTry(effect);
const moves =
  (label: string) =>
  ({ name, input }: Effect): boolean =>
    name === 'UpdateSecretVersionStage' && Reflect.get(Object(input), 'VersionStage') === label;
export const promotes = moves('AWSCURRENT');
export const marksGivenUp = moves('ROTATION_GIVEN_UP');

export interface Holding {
  readonly gate: Gate;
  readonly held: Promise<void>;
  release(): void;
}

/** Holds one worker at its first effect of the kind until it is released. */
export function holding(applies: (effect: Effect) => boolean): Holding {
  let release: () => void = () => undefined;
  let reached: () => void = () => undefined;
  const door = new Promise<void>((resolve) => {
    release = resolve;
  });
  const held = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const gate: Gate = async (effect, perform) => {
    if (applies(effect)) {
      reached();
      await door;
    }
    return perform();
  };
  return { gate, release, held };
}
