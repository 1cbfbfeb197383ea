import { readFileSync } from 'node:fs';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { loadManifest, type Manifest } from '../../src/manifest';
import type { Provider } from '../../src/provider';
import { openAccount } from '../../src/providers';
import { secretsManagerClient } from '../../src/secrets-manager/client';
import { loginLedger } from '../../src/secrets-manager/login-ledger';
import { readSecret } from '../../src/secrets-manager/read-secret';
import { secretStore } from '../../src/secrets-manager/secret-store';
import type { Credential, Kind, Policy } from '../../src/types';
import type { Operation as AwsOperation } from '../sandbox/secrets-manager/inputs';
import { type Sandbox, startSandbox } from '../sandbox/start';
import type { SwitchesInput } from '../sandbox/switches';
import { afterFile } from './after-file';
import { type Company, type CompanyCredential, foundCompany } from './company';
import { credentialOf } from './credentials';
import { type Effect, open } from './gates';
import { noHistory } from './lab-watch';
import { liveClock } from './live-clock';
import { liveVendor } from './live-vendor';
import type { Behaviour } from './memory-vendor';
import type { LabWorld } from './memory-world';
import { makeTestLimits } from './providers/limits';
import { makeTestExclusive } from './providers/login-ledger';
import { type AnyLab, labOver } from './rotation-lab';
import { temporaryFolder } from './temporary-folder';

/** What a call to Secrets Manager takes. */
const CALL_MS = 5;
/** What manifests name, so that one that is alike is read once. */
const ALWAYS_CALLED = { outboundClientId: 'dc-partner-own', partnerId: '1445585999999' };
/** Longest wait for one answer: of a worker that is to meet a silent server, and of all others, on the slowest machine. */
const HASTY_MS = 250;
const PATIENT_MS = 20_000;

export interface LiveSetting {
  readonly kind: Kind;
  /** What the switches come to, in the words of the lab. */
  readonly behaviour: Behaviour;
  readonly switches?: SwitchesInput;
  readonly policy?: Partial<Policy>;
}

export interface LiveLab extends AnyLab {
  readonly sandbox: Sandbox;
  readonly company: Company;
  /** A worker that has just started meets Secrets Manager through the real SDK. */
  overSdk<T>(work: () => Promise<T>, hasty?: Hasty): Promise<T>;
  /** What was held back, or was to happen later, takes effect now. */
  runLate(): void;
  close(): void;
}

/** Whose silence is soon given up on: the vendor's, or that of one operation of Secrets Manager. */
export type Hasty = 'vendor' | AwsOperation;

export type OpenLiveLab = (setting: LiveSetting) => Promise<LiveLab>;

interface Command {
  readonly constructor: { readonly name: string };
  readonly input: unknown;
}

/** What the workers use of the SDK's client. */
type Send = (command: Command) => Promise<object>;

/**
 * Labs over sockets, one after the other on the same servers: the sandbox, the real HTTP client, and the real SDK for the job that a
 * test is about. What leads there, and what comes afterwards, meets the same store past SDK and socket, which take most of the time
 * of a processor. Only a silent server takes real time.
 */
export async function liveLabs(): Promise<OpenLiveLab> {
  const clock = liveClock();
  let told: (effect: Effect) => void = () => undefined;
  const onCall = (name: string, input: unknown): void => told({ at: 'store', name, input });
  const folder = temporaryFolder();
  const sandbox = await startSandbox({ secretsManager: { onCall } });
  afterFile(() => sandbox.stop());
  process.env.AWS_ENDPOINT_URL_SECRETS_MANAGER = sandbox.urls.secretsManager;
  const sdk = (requestTimeoutMs: number): Send => {
    const client = secretsManagerClient({ clock, requestTimeoutMs });
    afterFile(() => client.destroy());
    return (command) => client.send(command as Parameters<typeof client.send>[0]);
  };
  const manifests = new Map<string, Manifest>();
  const manifestOf = async ({ manifestPath, env }: Company): Promise<Manifest> => {
    const text = readFileSync(manifestPath, 'utf8');
    const manifest = manifests.get(text) ?? (await loadManifest(manifestPath, env));
    manifests.set(text, manifest);
    return manifest;
  };
  const patiently = sdk(PATIENT_MS);
  const hastily = sdk(HASTY_MS);
  const directly: Send = async (command) => {
    const name = operationOf(command);
    const answer = sandbox.secretsManager.store.call(name, command.input);
    onCall(name, command.input);
    return answer;
  };

  return async (setting) => {
    const { kind, behaviour } = setting;
    clock.restart();
    const company = found(sandbox, folder, setting);
    const { credential, subject, accounts } = entry(company, await manifestOf(company), setting);
    const exclusive = makeTestExclusive();
    const worker = (send: Send, timeoutMs: number) => {
      const client = clientOf(send);
      const deps = { clock, exclusive, limits: makeTestLimits(), env: company.env, alarm: () => undefined };
      const account = openAccount(
        { ...accounts(credential.account), timeoutMs },
        { ...deps, ledger: loginLedger(client, clock), readSecret: readSecret(client, clock) },
      );
      return { send, close: account.close, provider: (): Provider => account.provider(kind) };
    };
    const others = worker(directly, PATIENT_MS);
    let acting = others;

    const world: LabWorld = {
      clock,
      aws: sandbox.secretsManager.store,
      calls: [],
      onCall: () => undefined,
      client(gate = open) {
        const { send } = acting;
        return clientOf((command) => {
          const effect: Effect = { at: 'store', name: operationOf(command), input: command.input };
          return gate(effect, () => send(command));
        });
      },
      store: (gate = open) => secretStore(world.client(gate), clock),
      waits: () => clock,
    };
    told = (effect) => {
      clock.advance(CALL_MS);
      world.calls.push(effect.name);
      world.onCall(effect);
    };

    const vendor = liveVendor(sandbox, subject, company.planted);
    const lab = labOver({
      ...{ world, vendor, behaviour, entry: credential, history: noHistory() },
      tells: (text) => sandbox.control.secretValues().some((secret) => text.includes(secret)),
      provider: (gate, attempt, onRevoke) => vendor.provider(acting.provider(), gate, attempt, onRevoke),
    });
    return Object.assign(lab, {
      sandbox,
      company,
      async overSdk<T>(work: () => Promise<T>, hasty?: Hasty): Promise<T> {
        const send: Send = (command) => (operationOf(command) === hasty ? hastily(command) : patiently(command));
        acting = worker(send, hasty === 'vendor' ? HASTY_MS : PATIENT_MS);
        try {
          return await work();
        } finally {
          acting.close();
          acting = others;
        }
      },
      runLate() {
        sandbox.control.runLate();
        sandbox.secretsManager.runLate();
      },
      close: others.close,
    });
  };
}

const operationOf = ({ constructor: { name } }: Command): string => name.replace(/Command$/, '');

const clientOf = (send: Send): SecretsManagerClient => ({ send }) as unknown as SecretsManagerClient; // only `send` is used

/** Everything is forgotten that was before. */
function found(sandbox: Sandbox, folder: string, { kind, switches = {} }: LiveSetting): Company {
  const { control, secretsManager } = sandbox;
  control.reset();
  secretsManager.store.clear();
  secretsManager.faults.clear();
  secretsManager.calls.clear();
  control.setSwitches(switches);
  const tokens = kind === 'finout-api-token' ? 1 : 0;
  return foundCompany(sandbox, folder, {
    perKind: 1,
    tokens,
    partnerSecret: kind === 'finicity-partner-secret',
    own: ALWAYS_CALLED,
  });
}

function entry(company: Company, manifest: Manifest, { kind, policy = {} }: LiveSetting) {
  const credential = manifest.credentials.find((one) => one.kind === kind);
  const subject: CompanyCredential | undefined = [...company.credentials, ...company.tokens].find(
    (one) => one.kind === kind,
  );
  if (credential === undefined || subject === undefined) throw new Error(`no credential of kind ${kind}`);
  const withPolicy: Credential = { ...credential, policy: credentialOf(kind, policy).policy };
  const accounts = (name: string) => {
    const account = manifest.accounts.get(name);
    if (account === undefined) throw new Error(`no account ${name}`);
    return account;
  };
  return { credential: withPolicy, subject, accounts };
}
