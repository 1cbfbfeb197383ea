import { randomUUID } from 'node:crypto';
import {
  type AccountState,
  afterCanary,
  afterFailure,
  afterSuccess,
  asking,
  type Failure,
  type Pause,
} from './account-pause';
import {
  NotPermittedError,
  OutcomeUnknownError,
  ProviderAuthError,
  ProviderProtocolError,
  ProviderRejectedError,
  ProviderUnavailableError,
  RotationError,
} from './errors';
import type { AccountGate } from './rotation-context';
import { PAUSED_TAG, tag } from './rotation-tags';
import type { SecretStore } from './secret-store';
import type { Account, Clock, Credential, Instant, Log } from './types';
import type { VendorWatch } from './watched-provider';

interface Deps {
  readonly account: Account;
  readonly credential: Credential;
  readonly states: {
    change(
      account: string,
      next: (state: AccountState) => AccountState,
    ): Promise<{ readonly before: AccountState; readonly after: AccountState }>;
  };
  readonly store: Pick<SecretStore, 'tag' | 'untag'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Tries the account by a read with the worker's own credential, where the vendor has one. */
  readonly probe: () => Promise<void>;
}

/** Longest between two looks whether the canary has come back, at random in [half, whole]. */
const CANARY_LOOK_MS = 20_000;
/** What a canary may need beside the vendor's time-outs. A slower one, or one that was killed, is followed by another. */
const CANARY_MARGIN_MS = 10_000;

/** What one run for one credential meets at its account, and whether it may begin anything there. */
export function openGate(deps: Deps): AccountGate & VendorWatch {
  const { account, credential, states, clock, log, probe } = deps;
  const id = randomUUID();
  const run = { canary: false, failed: false, answered: false, changed: false, left: false };
  const lookMs = Math.min(CANARY_LOOK_MS, account.pauseForMs);
  let known: Pause | undefined;

  const change = async (next: (state: AccountState) => AccountState) => {
    const { before, after } = await states.change(account.name, next);
    known = after.pause;
    return { before, after };
  };
  const failure = (error: RotationError, ownCredential: boolean): Failure => ({
    ...{ run: id, ownCredential, secretName: credential.secretName, now: clock.now(), random: Math.random },
    reason: ownCredential ? error.code : `${error.code} after ${account.pauseAfter} failures in a row`,
  });

  const failed = async (error: unknown): Promise<void> => {
    if (error instanceof ProviderRejectedError || error instanceof NotPermittedError) run.answered = true;
    const ownCredential = error instanceof ProviderAuthError;
    if (!(ownCredential || isVendorFailure(error)) || (run.failed && !ownCredential)) return;
    run.failed = true;
    const { before, after } = await change((state) => afterFailure(state, failure(error, ownCredential), account));
    if (after.pause === undefined) return;
    if (before.pause === undefined) await began(deps, after.pause);
    else if (after.pause.nth > before.pause.nth) prolonged(deps, after.pause);
  };

  const lookAgainAt = (): Instant => {
    const now = clock.now();
    const until = known?.until ?? now;
    return until > now ? until : now + Math.round(lookMs * (0.5 + Math.random() / 2));
  };

  return {
    async enter() {
      if (run.canary && !run.failed) return 'free';
      const canaryMs = 2 * account.timeoutMs + CANARY_MARGIN_MS;
      const { secretName } = credential;
      await change((state) => asking(state, { run: id, secretName, now: clock.now(), canaryMs, stepBackMs: lookMs }));
      if (known === undefined) return 'free';
      if (known.canary?.run !== id) return { until: lookAgainAt() };
      // What it met before, under way as others paused the account, is past.
      Object.assign(run, { canary: true, failed: false, answered: false });
      log.info({ step: 'canary', account: account.name, nth: known.nth }, 'the pause is over: one tries');
      try {
        await probe();
        return 'tried';
      } catch (error) {
        if (!(error instanceof RotationError)) throw error;
        if (error instanceof ProviderRejectedError) return 'tried'; // an answer, and not to the account
        await failed(error);
        return { until: lookAgainAt() };
      }
    },

    pausedUntil: () => known?.until,

    async leave() {
      if (run.left || run.failed) return;
      run.left = true;
      if (!run.canary) {
        if (run.changed) await change(afterSuccess);
        return;
      }
      const pause = known;
      const { after } = await change((state) => afterCanary(state, id, run.answered, clock.now()));
      if (pause !== undefined && after.pause === undefined) await endedPause(deps, pause);
    },

    answered(changes) {
      run.answered = true;
      run.changed ||= changes;
    },
    failed,
  };
}

/** The vendor did not answer, or not readably. */
const isVendorFailure = (error: unknown): error is RotationError =>
  error instanceof ProviderUnavailableError ||
  error instanceof OutcomeUnknownError ||
  error instanceof ProviderProtocolError;

const fieldsOf = ({ account }: Deps, { reason, nth, until }: Pause) => ({
  account: account.name,
  reason,
  nth,
  until: new Date(until).toISOString(),
});

/** The tag is what is left of it when Redis is emptied. */
async function began(deps: Deps, pause: Pause): Promise<void> {
  const { account, credential, store, log } = deps;
  log.alarm('account-paused', fieldsOf(deps, pause), 'nothing is begun at this account until it answers again');
  await unlessRefused(deps, store.tag(credential, tag.paused(account.name, pause.since, pause.reason)));
}

function prolonged(deps: Deps, pause: Pause): void {
  deps.log.warn({ step: 'canary', ...fieldsOf(deps, pause) }, 'the account stays paused');
}

async function endedPause(deps: Deps, pause: Pause): Promise<void> {
  const { account, store, log, clock } = deps;
  const pausedMs = clock.now() - pause.since;
  log.info({ step: 'canary', account: account.name, pausedMs }, 'the account answers again: the pause has ended');
  await unlessRefused(deps, store.untag(pause, [PAUSED_TAG]));
}

/** Redis knows it meanwhile; a tag that stays is taken away by the next sweep. */
async function unlessRefused({ log, account }: Deps, writing: Promise<void>): Promise<void> {
  await writing.catch((error: unknown) => {
    if (!(error instanceof RotationError)) throw error;
    log.warn({ account: account.name, ...error.fields }, 'the tag of a pause could not be written');
  });
}
