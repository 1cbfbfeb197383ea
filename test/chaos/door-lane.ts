import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultInput } from '../sandbox/faults';
import { OPERATIONS, type Operation, type Vendor, vendorOf } from '../sandbox/vendor-facts/operations';
import type { OwnSandbox } from './own-sandbox';
import type { DoorLane, Happening } from './timeline';

type VendorLane = Exclude<DoorLane, 'secretsManager'>;

const VENDOR: Readonly<Record<VendorLane, Vendor>> = {
  flinksOutbound: 'flinks-outbound',
  flinksDataSharing: 'flinks-data-sharing',
  finicity: 'finicity',
  finout: 'finout',
};

const operationsOf = (lane: VendorLane): readonly Operation[] =>
  OPERATIONS.filter((operation) => vendorOf(operation) === VENDOR[lane]);

const LEAST_SLOW_MS = 150;
const SLOWEST_MS = 500;
/** More calls than there can be within one event. */
const ALL = 100_000;
const LATEST_MS = 5_000;

/** What befalls one stand-in, until it is well again. */
export async function befallDoor(sandbox: OwnSandbox, lane: DoorLane, event: Happening): Promise<void> {
  const door = sandbox.doors[lane];
  const { what, forMs, pick } = event;
  switch (what) {
    case 'reset':
      return door.reset();
    case 'refuse':
      await door.refuse();
      break;
    case 'hang':
      door.hang();
      break;
    case 'stall':
      door.stall();
      break;
    case 'slow':
      door.slow(LEAST_SLOW_MS + pick * SLOWEST_MS);
      break;
    case 'throttle':
    case 'lose':
      return faulty(sandbox, lane, event);
    default:
      throw new Error(`a door knows no ${what}`);
  }
  await sleep(forMs);
  await door.open();
}

/** The stand-in itself answers badly. */
async function faulty(sandbox: OwnSandbox, lane: DoorLane, { what, forMs, pick }: Happening): Promise<void> {
  if (lane === 'secretsManager') {
    await sandbox.setStoreFaults([
      { kind: what === 'throttle' ? 'throttle' : pick < 0.5 ? 'reset-after' : 'error-after' },
    ]);
    await sleep(forMs);
    return sandbox.setStoreFaults([]);
  }
  await sandbox.setFaults(
    lane,
    operationsOf(lane).map((route) => (what === 'throttle' ? throttled(lane, route, pick) : lost(route, pick))),
  );
  await sleep(forMs);
  return sandbox.setFaults(lane, []);
}

/** Flinks throttles with a 401 as well (providers.md 2.6). */
const throttled = (lane: VendorLane, route: Operation, pick: number): FaultInput =>
  lane === 'flinksDataSharing' && pick < 0.5
    ? { kind: 'throttled-401', route, count: ALL }
    : { kind: 'throttled-429', route, count: ALL, retryAfter: '1' };

/** Done at once, or later, or not at all; the answer is lost. */
function lost(route: Operation, pick: number): FaultInput {
  const fault = { kind: 'reset', route, count: ALL } as const;
  if (pick < 0.4) return { ...fault, effect: 'done' };
  return pick < 0.8 ? { ...fault, effect: 'late', lateMs: Math.round(pick * LATEST_MS) } : { ...fault, effect: 'none' };
}
