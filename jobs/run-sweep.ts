import type { AccountJob } from '../src/queue/account-queues';
import { parseSweepJob } from '../src/queue/messages';
import type { RevokeLimit } from '../src/queue/revoke-limit';
import { type Due, mostRevocations, type SweepDeps, type SweepPlan, sweep } from '../src/sweep';
import type { Instant } from '../src/types';
import { type JobDeps, type JobEnd, refused } from './job';
import { regenerateOutboundSecrets } from './regenerate-outbound-secrets';
import { reissueExpiringTokens } from './reissue-expiring-tokens';
import { revokeStaleFinicityReceipts } from './revoke-stale-finicity-receipts';
import { revokeStaleFlinksPermissions } from './revoke-stale-flinks-permissions';

const PLANS: readonly SweepPlan[] = [
  regenerateOutboundSecrets,
  reissueExpiringTokens,
  revokeStaleFlinksPermissions,
  revokeStaleFinicityReceipts,
];

export interface SweepJobDeps extends Pick<JobDeps, 'queues' | 'clock' | 'log'> {
  readonly sweepDeps: (plan: SweepPlan) => SweepDeps;
  readonly revokeLimit: RevokeLimit;
  /** Sweeps log what they would do, messages are refused. */
  readonly dryRun: boolean;
}

/** Observes, decides, and enqueues one job per due credential into the queue of its account. */
export async function runSweep(deps: SweepJobDeps, name: string, data: unknown): Promise<JobEnd> {
  const parsed = parseSweepJob(data);
  if (!parsed.ok) return refused(parsed.reason);
  const plan = PLANS.find((known) => known.name === name);
  if (plan === undefined) return refused('unknown-sweep');
  const from = deps.clock.monotonic();
  const sweepDeps = deps.sweepDeps(plan);
  const found = await sweep(plan, sweepDeps);
  const due = deps.dryRun ? found : await withinLimit(deps, sweepDeps, plan, found);
  const counts = deps.dryRun
    ? dryRun(deps, plan, due)
    : await deps.queues.enqueueAll(due.map((one) => accountJob(one, deps.clock.now())));
  const durationMs = Math.round(deps.clock.monotonic() - from);
  const heldBack = found.length - due.length;
  const { trigger } = parsed.value;
  deps.log.info(
    { step: 'sweep', sweep: name, trigger, due: found.length, heldBack, ...counts, durationMs },
    'sweep ended',
  );
  const reason = `${found.length} due${heldBack === 0 ? '' : `, ${heldBack} held back by limits.revokeShare`}`;
  return { result: { outcome: deps.dryRun ? 'dry-run' : 'swept', reason } };
}

/** Beyond its limit a sweep has nothing revoked but what is compromised, until a person lets it go on. */
async function withinLimit(
  { revokeLimit, log }: SweepJobDeps,
  sweepDeps: SweepDeps,
  plan: SweepPlan,
  found: readonly Due[],
): Promise<readonly Due[]> {
  const versions = found.flatMap(({ revokes }) => revokes ?? []);
  const limit = mostRevocations(plan, sweepDeps);
  const leave = await revokeLimit.ask(plan.name, versions, limit);
  const said = `revoke-limit ${plan.name}`;
  if (leave.granted) {
    sweepDeps.reported.delete(said);
    if (leave.released)
      log.info({ step: 'sweep', sweep: plan.name, revocations: versions.length }, 'released: it goes on');
    return found;
  }
  const { counted, more } = leave;
  if (!sweepDeps.reported.has(said)) {
    const fields = { sweep: plan.name, revocations: more, inTheLastDay: counted, limit };
    log.alarm('revoke-limit', { ...fields, release: `rotator release ${plan.name}` }, 'stopped: too much to revoke');
  }
  sweepDeps.reported.set(said, 'stopped');
  return found.filter(({ revokes }) => revokes === undefined);
}

function dryRun({ log }: SweepJobDeps, plan: SweepPlan, due: readonly Due[]): { readonly enqueued: 0 } {
  for (const { credential, does, version, reason, delayMs } of due) {
    const fields = {
      step: 'sweep',
      sweep: plan.name,
      credential: credential.id,
      kind: credential.kind,
      does,
      version,
      reason,
      delayMs,
    };
    log.info(fields, 'dry run: this would be enqueued');
  }
  return { enqueued: 0 };
}

function accountJob({ credential, does, version, reason, delayMs }: Due, now: Instant): AccountJob {
  const job = {
    credential: credential.id,
    version,
    reason,
    ...(delayMs > 0 ? { notBefore: Math.round(now + delayMs) } : {}),
  };
  return does === 'rotate'
    ? { account: credential.account, delayMs, action: 'rotate', job: { ...job, wish: 'none' } }
    : { account: credential.account, delayMs, action: 'revoke', job: { ...job, endGrace: false } };
}
