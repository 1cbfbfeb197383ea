import type { Kind } from '../../src/types';
import type { Sandbox } from '../sandbox/start';
import type { Operation } from '../sandbox/vendor-facts/operations';
import type { IssuedKind } from './traits';

/** The call of each kind that issues. */
const ISSUE = {
  'flinks-outbound-recipient': 'flinks-outbound.regenerate',
  'flinks-auth-secret': 'flinks-data-sharing.generate',
  'finicity-access-key': 'finicity.access-key.generate',
} as const satisfies Record<IssuedKind, Operation>;

/** The calls that revoke; of an Outbound recipient there is nothing to revoke. */
export const REVOKE = [
  'flinks-data-sharing.disable',
  'finicity.access-key.revoke',
] as const satisfies readonly Operation[];

export const ISSUES = Object.values(ISSUE);

/** The same of one kind; a person's are issued by nobody. */
export function issuedOf({ control }: Sandbox, kind: Kind): number {
  const route = Object.entries(ISSUE).find(([known]) => known === kind)?.[1];
  return route === undefined ? 0 : control.counters().effects[route];
}

/** How often the vendors have issued, whatever became of their answers. */
export const issued = ({ control }: Sandbox): number =>
  ISSUES.reduce((sum, route) => sum + control.counters().effects[route], 0);

/** The vendors act at once, and answer so much later. */
export function holdAnswers({ control }: Sandbox, ms: number, routes: readonly Operation[] = ISSUES, count = 1): void {
  control.addFaults(...routes.map((route) => ({ kind: 'delay', route, ms, hold: 'answer', count }) as const));
}
