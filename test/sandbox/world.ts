import { type Clock, makeClock } from './clock';
import { type FaultPlan, makeFaultPlan } from './faults/plan';
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
}

export const makeWorld = (): World => ({
  clock: makeClock(),
  later: makeLater(),
  ledger: makeLedger(),
  faults: makeFaultPlan(),
  journal: makeJournal(),
});

/** Forgets every grant, fault, deviation, counter and pending late effect, and sets the clock to real time. */
export function clearWorld(world: World): void {
  world.later.cancelAll();
  world.ledger.clear();
  world.faults.clear();
  world.journal.clear();
  world.clock.reset();
}
