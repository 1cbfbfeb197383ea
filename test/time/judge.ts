import type { Instant } from '../../src/types';
import { auditCredential } from './audit';
import { busiestMinute, mostByChance, mostWithin } from './busiest';
import type { Fleet } from './fleet';
import { SPREAD_MS, SWEEP_EVERY_MS } from './fleet-manifest';
import { type Oracle, oracleOf } from './oracle';

const MINUTE = 60_000;

export interface Judgement {
  readonly wrong: readonly string[];
  readonly figures: Readonly<Record<string, number>> & {
    readonly busiestMinute: number;
    readonly mostByChance: number;
  };
}

/** All that happened to a fleet, against what should have. */
export function judge(fleet: Fleet, start: Instant, end: Instant): Judgement {
  const { company, outages, ran, broken, dues } = fleet;
  const oracle = oracleOf({ start, end, outages });
  const byId = company.manifest.byId;
  const wrong = [...broken];
  let revoked = 0;
  for (const credential of company.manifest.credentials) {
    const promotions = company.promotions.get(credential.id) ?? [];
    const revocations = company.revocations.get(credential.id) ?? [];
    const first = promotions[0]?.from ?? company.labelled(credential, 'AWSCURRENT') ?? '';
    const value = first.startsWith('intent-') ? '' : first;
    revoked += revocations.length;
    wrong.push(
      ...oracle.rotations(credential, promotions, value),
      ...oracle.revocations(credential, promotions, revocations),
      ...auditCredential(company, credential),
    );
    if (credential.kind === 'finout-api-token') {
      const asked = company.reminders.filter((one) => one.credential === credential.id).map(({ at }) => at);
      wrong.push(...oracle.reminders(credential, promotions, value, asked));
    }
  }
  for (const seen of dues) {
    const credential = byId.get(seen.credential);
    if (credential !== undefined) wrong.push(...oracle.dueSeen(credential, seen));
  }
  const years = (end - start) / (365 * 86_400_000);
  const figures = {
    ...ran,
    outages: outages.length,
    dueTimesCompared: dues.length,
    revoked,
    expired: oracle.expired.length,
  };
  return { wrong, figures: { ...figures, credentialYears: byId.size * years, ...crowds(fleet, oracle, start, end) } };
}

/**
 * How crowded the busiest minute was. What can be found at once is what fell due within the time between two sweeps, or in an
 * outage that ended then; that is spread over the sweep's span, so that the minutes of it are like any others by chance.
 */
function crowds({ company, outages }: Fleet, oracle: Oracle, start: Instant, end: Instant) {
  const [times, found]: [Instant[], Instant[]] = [[], []];
  const nobody = outages.filter(({ what }) => what !== 'one worker' && !what.startsWith('credential'));
  for (const [id, promotions] of company.promotions) {
    const credential = company.manifest.byId.get(id);
    if (credential === undefined || credential.kind === 'finout-api-token') continue;
    for (const { from, at } of promotions) {
      if (from.startsWith('intent-')) continue;
      times.push(at);
      const due = from.length === 64 ? oracle.due(credential, from).at : at;
      found.push(
        nobody.reduce((when, one) => (one.from <= when && when < one.to ? one.to : when), Math.max(due, start)),
      );
    }
  }
  const minutes = (end - start) / MINUTE;
  const mean = times.length / minutes;
  const busiest = busiestMinute(times);
  const atOnce = mostWithin(found, SWEEP_EVERY_MS + SPREAD_MS);
  return {
    rotations: times.length,
    ...{ perMinuteOnAverage: Number(mean.toPrecision(2)), busiestMinute: busiest, mostFoundAtOnce: atOnce },
    busiestToMeanOfItsSpread: Number((busiest / ((atOnce * MINUTE) / SPREAD_MS)).toPrecision(2)),
    mostByChance: mostByChance(Math.max(mean, (atOnce * MINUTE) / SPREAD_MS), (SWEEP_EVERY_MS + SPREAD_MS) / MINUTE),
  };
}
