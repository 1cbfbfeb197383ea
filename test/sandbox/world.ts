import { type Clock, makeClock } from './clock';
import { type FaultPlan, makeFaultPlan } from './faults';
import type { OnWire } from './http/wire';
import { type Journal, makeJournal } from './journal';
import { type Later, makeLater } from './later';
import { type Ledger, makeLedger } from './ledger';

/** What all stand-ins of one sandbox share. */
export interface World {
  readonly clock: Clock;
  readonly later: Later;
  readonly ledger: Ledger;
  readonly faults: FaultPlan;
  readonly journal: Journal;
  readonly onWire: OnWire;
  /** Every secret value that was planted or given out. */
  readonly secretValues: Set<string>;
}

export function makeWorld(onWire: OnWire = () => undefined): World {
  const secretValues = new Set<string>();
  return {
    clock: makeClock(),
    later: makeLater(),
    ledger: makeLedger((secret) => secretValues.add(secret)),
    faults: makeFaultPlan(),
    journal: makeJournal(),
    onWire,
    secretValues,
  };
}

/** Forgets every grant, fault, deviation, counter and pending late effect, and sets the clock to real time. */
export function clearWorld(world: World): void {
  world.later.cancelAll();
  world.ledger.clear();
  world.faults.clear();
  world.journal.clear();
  world.clock.reset();
  world.secretValues.clear();
}
