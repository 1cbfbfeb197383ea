import type { AccountJob } from '../src/queue/account-queues';
import { parseSweepJob } from '../src/queue/messages';
import { type Due, type SweepDeps, type SweepPlan, sweep } from '../src/sweep';
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
  /** Sweeps log what they would do, and do nothing. */
  readonly dryRun: boolean;
}

/** Observes, decides, and enqueues one job per due credential into the queue of its account. */
export async function runSweep(deps: SweepJobDeps, name: string, data: unknown): Promise<JobEnd> {
  const parsed = parseSweepJob(data);
  if (!parsed.ok) return refused(parsed.reason);
  const plan = PLANS.find((known) => known.name === name);
  if (plan === undefined) return refused('unknown-sweep');
  const from = deps.clock.monotonic();
  const due = await sweep(plan, deps.sweepDeps(plan));
  const counts = deps.dryRun ? dryRun(deps, plan, due) : await deps.queues.enqueueAll(due.map(accountJob));
  const durationMs = Math.round(deps.clock.monotonic() - from);
  deps.log.info(
    { step: 'sweep', sweep: name, trigger: parsed.value.trigger, due: due.length, ...counts, durationMs },
    'sweep ended',
  );
  return { result: { outcome: deps.dryRun ? 'dry-run' : 'swept', reason: `${due.length} due` } };
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

function accountJob({ credential, does, version, reason, delayMs }: Due): AccountJob {
  const job = { credential: credential.id, version, reason };
  return does === 'rotate'
    ? { account: credential.account, delayMs, action: 'rotate', job: { ...job, wish: 'none' } }
    : { account: credential.account, delayMs, action: 'revoke', job: { ...job, endGrace: false } };
}
