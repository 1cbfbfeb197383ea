import { RedisUnavailableError } from '../errors';
import type { FleetFacts } from '../fleet-facts';
import type { QueueDepth } from '../queue/depth';
import type { Instant, Kind, Log } from '../types';
import { beginAtZero, listeningLog } from './listening-log';
import { type Meters, makeMeters } from './meters';

/** What is read anew for each page. A part that cannot be had now is left out of the page. */
interface Sources {
  readonly depths: () => Promise<readonly QueueDepth[]>;
  /** What the last sweep saw, by kind. */
  readonly fleet: () => Promise<Iterable<readonly [Kind, FleetFacts]>>;
  readonly now: () => Instant;
}

export interface Metrics {
  /** The same log; the metrics hear what it is told. @param bound the fields that each of its lines carries */
  listening(log: Log, bound?: Readonly<Record<string, unknown>>): Log;
  storeCalled(operation: string, outcome: string): void;
  /** In the text format of Prometheus. */
  page(sources: Sources): Promise<{ readonly contentType: string; readonly text: string }>;
}

export function createMetrics(): Metrics {
  const meters = makeMeters();
  beginAtZero(meters);
  return {
    listening: (log, bound) => listeningLog(meters, log, bound),
    storeCalled(operation, outcome) {
      meters.storeCalls.inc({ operation, outcome });
      if (outcome === 'throttled') meters.throttles.inc({ by: 'secrets-manager' });
    },
    async page({ depths, fleet, now }) {
      const jobs = await depths().catch(noneWhileAway);
      const facts = await fleet().catch(noneWhileAway);
      // Nothing is awaited between forgetting and setting: two pages at once do not see each other's half.
      showDepths(meters, jobs);
      showFleet(meters, facts, now());
      return { contentType: meters.registry.contentType, text: await meters.registry.metrics() };
    },
  };
}

function noneWhileAway(error: unknown): [] {
  if (error instanceof RedisUnavailableError) return [];
  throw error;
}

function showDepths({ queueJobs }: Meters, depths: readonly QueueDepth[]): void {
  queueJobs.reset();
  for (const { queue, state, jobs } of depths) queueJobs.set({ queue, state }, jobs);
}

function showFleet(meters: Meters, facts: Iterable<readonly [Kind, FleetFacts]>, now: Instant): void {
  const { credentials, oldestAge, nearestExpiry, liveGrants, suspects, unrevoked, observedAt } = meters;
  const { credentialAge, credentialExpiry } = meters;
  for (const gauge of [credentials, oldestAge, nearestExpiry, liveGrants, suspects, unrevoked, observedAt])
    gauge.reset();
  for (const gauge of [credentialAge, credentialExpiry]) gauge.reset();
  for (const [kind, seen] of facts) {
    for (const [state, n] of Object.entries(seen.states)) credentials.set({ kind, state }, n);
    if (seen.oldest !== undefined) oldestAge.set({ kind }, seconds(now - seen.oldest));
    if (seen.nearestExpiry !== undefined) nearestExpiry.set({ kind }, seconds(seen.nearestExpiry - now));
    liveGrants.set({ kind }, seen.liveGrants);
    suspects.set({ kind }, seen.suspects);
    unrevoked.set({ kind }, seen.unrevoked);
    observedAt.set({ kind }, seconds(seen.observedAt));
    for (const { id: credential, issuedAt, endsAt } of seen.each) {
      if (issuedAt !== undefined) credentialAge.set({ kind, credential }, seconds(now - issuedAt));
      if (endsAt !== undefined) credentialExpiry.set({ kind, credential }, seconds(endsAt - now));
    }
  }
}

const seconds = (ms: number): number => Math.round(ms) / 1_000;
