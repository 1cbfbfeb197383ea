import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

const PREFIX = 'rotation_';
/** Seconds: from a quick vendor to a value that waited an hour for Secrets Manager. */
const BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 3_600];

/** What the README says of a metric. */
interface Description {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  readonly help: string;
}

export type Meters = ReturnType<typeof makeMeters>;

/** Every metric of the worker, in a registry of its own. No label holds more than a word of ours, a queue or a credential's id. */
export function makeMeters() {
  const registry = new Registry();
  const described: Description[] = [];
  collectDefaultMetrics({ register: registry, prefix: PREFIX });
  const about = <L extends string>(type: Description['type'], name: string, help: string, labelNames: readonly L[]) => {
    described.push({ name: PREFIX + name, type, labels: labelNames, help });
    return { name: PREFIX + name, help, labelNames, registers: [registry] };
  };
  const counter = <L extends string>(name: string, help: string, labels: readonly L[]) =>
    new Counter(about('counter', name, help, labels));
  const gauge = <L extends string>(name: string, help: string, labels: readonly L[]) =>
    new Gauge(about('gauge', name, help, labels));
  const histogram = <L extends string>(name: string, help: string, labels: readonly L[]) =>
    new Histogram({ ...about('histogram', name, help, labels), buckets: BUCKETS });

  return {
    registry,
    described,
    rotations: counter(
      'rotations_total',
      'Ends of rotate jobs; outcome: promoted, done (nothing to do), waits, blocked, failed, error.',
      ['kind', 'outcome'],
    ),
    rollbacks: counter(
      'rollbacks_total',
      'Ends of rollback jobs; outcome: promoted, refused, done, waits, blocked, failed, error.',
      ['kind', 'outcome'],
    ),
    duration: histogram('rotation_duration_seconds', 'Rotate jobs that promoted, from start to end.', ['kind']),
    answerToStored: histogram(
      'answer_to_stored_seconds',
      "From the provider's answer until Secrets Manager holds the value.",
      ['kind'],
    ),
    settled: counter(
      'settled_total',
      'Replaced versions that were settled; grant: proven-dead, not-proven, nothing-to-revoke.',
      ['kind', 'grant'],
    ),
    alarms: counter('alarms_total', 'Alarms raised; what to do stands in the README.', ['alarm']),
    storeCalls: counter(
      'secrets_manager_calls_total',
      'Calls to Secrets Manager; outcome: ok, exists, throttled, access-denied, unavailable and the like.',
      ['operation', 'outcome'],
    ),
    throttles: counter('throttles_total', 'Calls that were throttled; by: secrets-manager, a vendor, our-own-limit.', [
      'by',
    ]),
    credentials: gauge('credentials', 'Credentials by state.', ['kind', 'state']),
    oldestAge: gauge('oldest_age_seconds', 'Age of the oldest AWSCURRENT.', ['kind']),
    nearestExpiry: gauge('nearest_expiry_seconds', 'Until the first AWSCURRENT ends; negative: since it ended.', [
      'kind',
    ]),
    liveGrants: gauge('live_grants', 'Grants of AWSCURRENT, and of AWSPREVIOUS not yet settled.', ['kind']),
    suspects: gauge('suspected_orphans', 'Grants that may live and that nobody stored.', ['kind']),
    unrevoked: gauge('unrevoked_grants', 'Grants that a person has to revoke.', ['kind']),
    observedAt: gauge('observed_timestamp_seconds', 'When a sweep last saw the credentials of the kind.', ['kind']),
    credentialAge: gauge('credential_age_seconds', 'Age of AWSCURRENT; only with METRICS_PER_CREDENTIAL=1.', [
      'kind',
      'credential',
    ]),
    credentialExpiry: gauge('credential_expiry_seconds', 'Until AWSCURRENT ends; only with METRICS_PER_CREDENTIAL=1.', [
      'kind',
      'credential',
    ]),
    queueJobs: gauge('queue_jobs', 'Jobs in a queue; state: waiting, prioritized, delayed, active, failed.', [
      'queue',
      'state',
    ]),
  };
}
