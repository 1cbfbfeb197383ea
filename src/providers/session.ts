import { makeOwnCredential, type OwnCredential, type ReadSecret } from '../own-credential';
import type { CallLimits, Exclusive, LoginLedger, RaiseAlarm } from '../provider';
import type { Account, Clock, OwnCredentialReference } from '../types';
import { type Calls, makeCalls } from './calls';
import { makeVendorHttp, type VendorHttp } from './http';

export interface ProviderDeps {
  readonly clock: Clock;
  readonly limits: CallLimits;
  readonly exclusive: Exclusive;
  readonly ledger: LoginLedger;
  readonly readSecret: ReadSecret;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly alarm: RaiseAlarm;
  /** The configuration's own outbound proxy. */
  readonly proxyUrl?: string;
}

/** What all providers of one account share: its rate, its connections, its credentials. */
export interface Session extends ProviderDeps {
  calls(baseUrl: string): Calls;
  own(reference: OwnCredentialReference): OwnCredential;
  /** Tells all of the account in this process that the credential by which tokens are had has been replaced. */
  forgetTokens(): void;
  onForgetTokens(forget: () => void): void;
  /** Lets go of idle connections. */
  close(): void;
}

export function openSession(account: Account, deps: ProviderDeps): Session {
  const opened: VendorHttp[] = [];
  const forgetting: (() => void)[] = [];
  return {
    ...deps,
    calls(baseUrl) {
      const http = makeVendorHttp({
        account: account.name,
        baseUrl,
        timeoutMs: account.timeoutMs,
        now: () => deps.clock.now(),
        ...(deps.proxyUrl === undefined ? {} : { proxyUrl: deps.proxyUrl }),
      });
      opened.push(http);
      return makeCalls(account, deps.limits, http);
    },
    forgetTokens: () => {
      for (const forget of forgetting) forget();
    },
    onForgetTokens: (forget) => void forgetting.push(forget),
    own: (reference) => makeOwnCredential(deps, reference),
    close: () => {
      for (const http of opened) http.close();
    },
  };
}
