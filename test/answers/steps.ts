import type { Operation as AwsOperation } from '../sandbox/secrets-manager/inputs';
import type { Operation } from '../sandbox/vendor-facts/operations';
import { type Effect, putsIntent, putsTombstone, putsTry } from '../support/gates';
import type { LiveLab } from '../support/live-lab';
import { AWS_CALLS, VENDOR_CALLS } from './calls';
import type { Scene } from './scenes';

/** One call of a job that changes something: the n-th one of its operation, from 0. */
export type Step =
  | { readonly at: 'vendor'; readonly operation: Operation; readonly nth: number; readonly label: string }
  | { readonly at: 'aws'; readonly operation: AwsOperation; readonly nth: number; readonly label: string };

/** Plays the scene without a fault. */
export async function stepsOf(scene: Scene, lab: LiveLab): Promise<readonly Step[]> {
  const { control, secretsManager } = lab.sandbox;
  await scene.prepare(lab);
  const carriedOut: Effect[] = [];
  const before = lab.world.onCall;
  lab.world.onCall = (effect) => {
    carriedOut.push(effect);
    before(effect);
  };
  secretsManager.calls.clear();
  const requestsBefore = control.requests().length;
  await lab.overSdk(() => scene.job(lab));
  const requests = control.requests().slice(requestsBefore);
  return [
    ...vendorSteps(requests.map(({ operation }) => operation)),
    ...awsSteps(secretsManager.calls.all, carriedOut),
  ];
}

/** The worker's own, and those that try a value. */
const LOGINS: readonly Operation[] = ['flinks-outbound.token', 'finicity.authenticate'];

function vendorSteps(operations: readonly (Operation | null)[]): Step[] {
  const met = new Map<Operation, number>();
  return operations.flatMap((operation): Step[] => {
    if (operation === null) return [];
    const nth = met.get(operation) ?? 0;
    met.set(operation, nth + 1);
    if (VENDOR_CALLS[operation] !== 'changes') return [];
    const label = nth > 0 && LOGINS.includes(operation) ? `${operation} again` : operation;
    return [{ at: 'vendor', operation, nth, label }];
  });
}

/** What was refused counts among the calls of its operation, and is no step. */
function awsSteps(
  calls: readonly { readonly operation: string; readonly outcome?: string }[],
  carriedOut: readonly Effect[],
): Step[] {
  const met = new Map<string, number>();
  let done = 0;
  return calls.flatMap(({ operation, outcome }): Step[] => {
    const nth = met.get(operation) ?? 0;
    met.set(operation, nth + 1);
    if (outcome !== 'ok') return [];
    const effect = carriedOut[done];
    done += 1;
    if (!isAwsOperation(operation) || AWS_CALLS[operation] !== 'changes' || effect === undefined) return [];
    return [{ at: 'aws', operation, nth, label: labelOf(effect) }];
  });
}

const isAwsOperation = (name: string): name is AwsOperation => name in AWS_CALLS;

/** What the call is for. */
function labelOf(effect: Effect): string {
  const { name, input } = effect;
  const { VersionStage, Tags = [], TagKeys = [] } = Object(input);
  const keys = [...Tags.map(({ Key }: { Key: string }) => Key), ...TagKeys].map(withoutId);
  return [name, VersionStage, name === 'PutSecretValue' ? contentOf(effect) : undefined, ...keys]
    .filter((word) => word !== undefined)
    .join(' ');
}

function contentOf(effect: Effect): string {
  if (putsIntent(effect)) return 'intent';
  if (putsTombstone(effect)) return 'tombstone';
  return putsTry(effect) ? 'try' : 'value';
}

/** `rotation:compromised:<version id>` and the like. */
const withoutId = (key: string): string => key.split(':').slice(0, 2).join(':');
