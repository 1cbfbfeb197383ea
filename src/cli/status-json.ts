import type { Instant } from '../types';
import type { Row } from './status-rows';
import { countsByState } from './status-table';
import { iso } from './words';

// The shape that programs read (README, "The command line"): fields may be added, none is renamed or removed.

const isoOrNull = (at: Instant | undefined): string | null => (at === undefined ? null : iso(at));

export const rowAsJson = ({
  credential,
  decision,
  needsAPerson,
  pause,
  issuedAt,
  expiresAt,
  lastOutcome,
  open,
}: Row) => ({
  id: credential.id,
  kind: credential.kind,
  account: credential.account,
  secret: credential.secretName,
  state: decision.state,
  reason: decision.reason,
  action: decision.action,
  at: isoOrNull(decision.at),
  needsAPerson,
  paused: pause === undefined ? null : { since: iso(pause.since), reason: pause.reason },
  issuedAt: isoOrNull(issuedAt),
  expiresAt: isoOrNull(expiresAt),
  lastOutcome,
  open,
});

export const statusAsJson = (rows: readonly Row[], shown: readonly object[]) => ({
  credentials: shown,
  summary: {
    total: rows.length,
    needAPerson: rows.filter(({ needsAPerson }) => needsAPerson).length,
    byState: countsByState(rows),
  },
});
