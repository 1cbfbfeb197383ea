import type { PreparedIssue, Provider } from '../../src/provider';
import type { GrantView } from '../sandbox/inspection/grant-view';
import type { Sandbox } from '../sandbox/start';
import type { CompanyCredential } from './company';
import type { Gate } from './gates';
import type { LabVendor } from './memory-vendor';

export interface LiveVendor extends LabVendor {
  /** The real verbs for one worker, whose attempt is asked for at each issue. */
  provider(real: Provider, gate: Gate, attempt: () => string, onRevoke: (grant: string) => void): Provider;
}

/** A vendor of the sandbox, as far as one credential goes; grants that lived before (`planted`) do not count. */
export function liveVendor(
  { control }: Sandbox,
  { kind, subject }: CompanyCredential,
  planted: ReadonlySet<string>,
): LiveVendor {
  const issuers = new Map<string, string>();
  /** Whose call may still take effect. */
  let unanswered = 'nobody';
  const grants = (): GrantView[] => control.grants({ kind, subject }).filter(({ secret }) => !planted.has(secret));
  const claim = (by: string): void => {
    for (const grant of grants()) if (!issuers.has(nameOf(grant))) issuers.set(nameOf(grant), by);
  };

  return {
    get live() {
      const alive = grants().filter((grant) => grant.alive);
      return new Map(alive.map((grant) => [nameOf(grant), issuers.get(nameOf(grant)) ?? unanswered]));
    },
    numberOf: (name) => grants().findLastIndex((grant) => nameOf(grant) === name),
    works: (_grant, text) => control.storedValueWorks(kind, text === '' ? undefined : JSON.parse(text)),
    get refused() {
      const failed = control.counters().loginsFailed[subject] ?? 0; // the stand-in counts both as one
      return { logins: 0, changes: kind === 'finicity-partner-secret' ? failed : 0 };
    },
    provider(real, gate, attempt, onRevoke) {
      const call = <T>(name: string, perform: () => Promise<T>): Promise<T> =>
        gate({ at: 'vendor', name, input: undefined }, perform);
      const noted = (name: 'issue' | 'renew', { issue, release }: PreparedIssue): PreparedIssue => ({
        release,
        async issue(mayCallUntil) {
          const by = attempt();
          claim(unanswered);
          try {
            return await call(name, () => issue(mayCallUntil));
          } catch (error) {
            unanswered = by;
            throw error;
          } finally {
            claim(by);
          }
        },
      });
      const { prepareRenewal, chosen } = real;
      return {
        ...real,
        prepare: async (...given) => noted('issue', await real.prepare(...given)),
        ...(prepareRenewal && { prepareRenewal: async (...given) => noted('renew', await prepareRenewal(...given)) }),
        verify: (...given) => call('verify', () => real.verify(...given)),
        // not told as an effect: what was done shows in the tags, and a call that waits for a login does nothing
        revoke: (credential, old, context) => {
          onRevoke(old.grant);
          return real.revoke(credential, old, context);
        },
        reinstate: (...given) => call('reinstate', () => real.reinstate(...given)),
        ...(chosen && {
          chosen: {
            ...chosen,
            async prepareChange(...given) {
              const { send, release } = await chosen.prepareChange(...given);
              return { release, send: (change) => call('change', () => send(change)) };
            },
            login: (...given) => call('login', () => chosen.login(...given)),
          },
        }),
      };
    },
  };
}

/** What revocation acts on; the secret itself where the vendor has nothing else. */
const nameOf = ({ grantId, secret }: GrantView): string => grantId ?? secret;
