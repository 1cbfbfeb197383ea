import { CronExpressionParser } from 'cron-parser';
import { z } from 'zod';
import type { SweepName } from '../types';
import { duration } from './durations';
import { ZONE } from './fields';
import { show } from './words';

interface Schedule {
  /** Cron, five fields or six with seconds. */
  readonly pattern: string;
  readonly zone: string;
  /** Over how long the work that one sweep finds is spread, by a hash of each id. */
  readonly spreadMs: number;
}
export type Schedules = Readonly<Record<SweepName, Schedule>>;

const DEFAULT = { pattern: '*/5 * * * *', zone: 'UTC', spread: '10m' };

/** `H` is refused: the parser draws it anew on each run. */
function patternProblem(pattern: string): string | undefined {
  const fields = pattern.trim().split(/\s+/);
  if (fields.length < 5 || fields.length > 6) return 'has not five fields, or six with seconds';
  if (/\bH\b/.test(pattern)) return 'holds H, which would change from run to run';
  try {
    CronExpressionParser.parse(pattern, { tz: 'UTC' }).next();
    return undefined;
  } catch (error) {
    return `is no cron pattern (${error instanceof Error ? error.message : 'refused'})`;
  }
}

const PATTERN = z
  .string()
  .superRefine((pattern, context) => {
    const problem = patternProblem(pattern);
    const message = `${show(pattern)} ${problem}: write one like "*/5 * * * *", every five minutes`;
    if (problem !== undefined) context.addIssue({ code: 'custom', message });
  })
  .describe(`cron: minute hour day month weekday, or six fields with seconds first; default "${DEFAULT.pattern}"`);

const SCHEDULE = z
  .strictObject({
    pattern: PATTERN.prefault(DEFAULT.pattern),
    zone: ZONE.prefault(DEFAULT.zone),
    spread: duration('0s', '24h')
      .prefault(DEFAULT.spread)
      .describe(`over how long the work that one sweep finds is spread; default ${DEFAULT.spread}`),
  })
  .transform(({ pattern, zone, spread }): Schedule => ({ pattern, zone, spreadMs: spread }))
  .prefault({});

export const SCHEDULES = z
  .strictObject({
    'regenerate-outbound-secrets': SCHEDULE,
    'reissue-expiring-tokens': SCHEDULE,
    'revoke-stale-flinks-permissions': SCHEDULE,
    'revoke-stale-finicity-receipts': SCHEDULE,
  } satisfies Record<SweepName, z.ZodType>)
  .prefault({})
  .describe('when each sweep looks for what is due');
