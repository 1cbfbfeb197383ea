import type { PreparedIssue, Provider } from './provider';

/** Told of what a vendor did with the calls of one run. */
export interface VendorWatch {
  /** @param changes something was carried out there */
  answered(changes: boolean): void;
  failed(error: unknown): Promise<void>;
}

/**
 * A provider whose calls are watched. After an answer nothing is waited for: what was issued is to be stored first.
 * A read before an issue says nothing for the account: what fails is what follows it.
 */
export function watchedProvider(provider: Provider, watch: VendorWatch): Provider {
  const unlessFailing = async <T>(call: () => Promise<T>): Promise<T> => {
    try {
      return await call();
    } catch (error) {
      await watch.failed(error);
      throw error;
    }
  };
  const answering = async <T>(changes: boolean, call: () => Promise<T>): Promise<T> => {
    const answer = await unlessFailing(call);
    watch.answered(changes);
    return answer;
  };
  const watched = async (prepare: () => Promise<PreparedIssue>): Promise<PreparedIssue> => {
    const { issue, release } = await unlessFailing(prepare);
    return { issue: (mayCallUntil) => answering(true, () => issue(mayCallUntil)), release };
  };
  const { prepareRenewal } = provider;
  return {
    ...provider,
    prepare: (credential, expiresAt) => watched(() => provider.prepare(credential, expiresAt)),
    ...(prepareRenewal === undefined
      ? {}
      : { prepareRenewal: (...given) => watched(() => prepareRenewal.apply(provider, given)) }),
    verify: (credential, value) => answering(false, () => provider.verify(credential, value)),
    revoke: (credential, old, context) => answering(true, () => provider.revoke(credential, old, context)),
    reinstate: (credential, grant) => answering(true, () => provider.reinstate(credential, grant)),
  };
}
