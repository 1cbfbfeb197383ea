import { parseRecord } from '../../src/attempt-record';
import { importValue } from '../../src/import';
import type { Provider, VendorAnswer } from '../../src/provider';
import { judgeRequest, type RotationRequest, type Verdict } from '../../src/request';
import { type RevokeRequest, settle } from '../../src/revocation';
import { rollback } from '../../src/rollback';
import { type RotateRequest, rotate } from '../../src/rotation';
import { type Context, type Outcome, PACE } from '../../src/rotation-context';
import type { Credential, Kind, Policy } from '../../src/types';
import { credentialOf } from './credentials';
import { type Effect, type Gate, isChange, open, promotes } from './gates';
import { labPartner } from './lab-partner';
import { type LabView, labView } from './lab-view';
import { copyOf, type LabHistory, noHistory, watch, watchedLog } from './lab-watch';
import { type Behaviour, type LabVendor, type MemoryVendor, memoryVendor } from './memory-vendor';
import { type LabWorld, type MemoryWorld, memoryWorld } from './memory-world';

/** One credential, its vendor, Secrets Manager, and what may never happen on the way. */
export interface AnyLab extends LabView, Readonly<Omit<LabHistory, 'promotedAt' | 'graceEnded'>> {
  readonly world: LabWorld;
  readonly vendor: LabVendor;
  readonly credential: Credential;
  readonly behaviour: Behaviour;
  context(gate?: Gate): Context;
  rotate(request?: Partial<RotateRequest>, gate?: Gate): Promise<Outcome>;
  settle(request?: Partial<RevokeRequest>, gate?: Gate): Promise<Outcome>;
  /** A person imports a value of theirs, which is reason enough to replace whatever is current then. */
  import(answer: VendorAnswer, gate?: Gate): Promise<Outcome>;
  /** What is current is undone. */
  rollback(gate?: Gate, version?: string): Promise<Outcome>;
  /** A message is received. `pin` is told which version is written into it. */
  request(request: RotationRequest, gate?: Gate, pin?: (version: string) => void): Promise<Verdict>;
  /** The name that jobs give to what is current; it may be replaced from now on. */
  due(): string;
  /** The manifest says something else about the credential from now on. */
  changeEntry(changes: Partial<Pick<Credential, 'adopt' | 'retired' | 'value'>>): void;
  /** Its entry no longer says that it is retired. */
  reactivate(): void;
  /** Does the vendor take what AWSCURRENT holds? */
  currentWorks(): boolean;
}

/** In memory, in virtual time: for tests that run the algorithm thousands of times. */
export interface Lab extends AnyLab {
  readonly world: MemoryWorld;
  readonly vendor: MemoryVendor;
  /** The world as every process that dies now would leave it. What happens there does not happen here. */
  fork(): Lab;
}

interface Setting {
  readonly kind: Kind;
  readonly behaviour: Behaviour;
  readonly policy?: Partial<Policy>;
}

interface State {
  readonly world: MemoryWorld;
  readonly vendor: MemoryVendor;
  readonly entry: Credential;
  readonly history: LabHistory;
}

export const rotationLab = ({ kind, behaviour, policy = {} }: Setting): Lab =>
  labIn(behaviour, {
    world: memoryWorld(),
    vendor: memoryVendor(kind, behaviour),
    entry: credentialOf(kind, policy),
    history: noHistory(),
  });

function labIn(behaviour: Behaviour, { world, vendor, entry, history }: State): Lab {
  const { kind } = entry;
  const lab: Lab = Object.assign(
    labOver({
      ...{ world, vendor, behaviour, entry, history },
      tells: (line) => /grant-\d|secret of/.test(line), // they have telling names here
      provider: (gate, attempt, onRevoke) => ({
        ...vendor.provider(gate, attempt, onRevoke),
        ...(kind === 'finicity-partner-secret' ? { chosen: labPartner(lab, gate).chosen } : {}),
      }),
    }),
    {
      ...{ world, vendor },
      fork: () =>
        labIn(behaviour, {
          world: world.fork(),
          vendor: vendor.fork(),
          entry: lab.credential,
          history: copyOf(history),
        }),
    },
  );
  return lab;
}

/** What a lab is made of. */
export interface Parts {
  readonly world: LabWorld;
  readonly vendor: LabVendor;
  readonly behaviour: Behaviour;
  readonly entry: Credential;
  readonly history: LabHistory;
  /** Does a line of the log hold a secret? */
  tells(line: string): boolean;
  /**
   * The verbs for one worker.
   * @param attempt the attempt that it has announced last
   * @param onRevoke told of a grant before it is revoked
   */
  provider(gate: Gate, attempt: () => string, onRevoke: (grant: string) => void): Provider;
}

export function labOver({ world, vendor, behaviour, entry, history, tells, provider }: Parts): AnyLab {
  let credential = entry;
  const view = labView(world, () => credential);
  const onRevoke = watch({ world, vendor, view, credential: () => credential, history });
  const log = watchedLog(history, tells);

  const { alarms, broken, mayBeReplaced, mayBeUndone, compromised, pins } = history;
  const lab: AnyLab = {
    ...view,
    ...{ world, vendor, behaviour, alarms, broken, mayBeReplaced, mayBeUndone, compromised, pins },
    get credential() {
      return credential;
    },
    get changes() {
      return history.changes;
    },
    context(gate = open) {
      let attempt = 'nobody';
      const watched: Gate = (effect, perform) => {
        attempt = rotationOf(effect) ?? attempt;
        return gate(effect, () => {
          if (isChange(effect)) history.changes += 1;
          return perform();
        });
      };
      return {
        credential,
        provider: provider(watched, () => attempt, onRevoke),
        store: world.store(watched),
        clock: world.waits(watched),
        log,
        pace: PACE,
        reserveWrites: (n) => watched({ at: 'queue', name: 'reserve writes', input: n }, () => undefined),
        stopping: () => false,
      };
    },
    rotate: (request = {}, gate = open) =>
      rotate(lab.context(gate), { version: view.currentName(), wish: 'none', ...request }),
    rollback(gate = open, version = view.currentName()) {
      history.mayBeUndone.add(version);
      return rollback(lab.context(gate), { version });
    },
    settle(request = {}, gate = open) {
      history.graceEnded ||= request.graceEnded === true;
      return settle(lab.context(gate), { graceEnded: false, ...request });
    },
    import(answer, gate = open) {
      lab.due();
      const replacing: Gate = (effect, perform) => {
        if (promotes(effect)) lab.due();
        return gate(effect, perform);
      };
      return importValue(lab.context(replacing), { answer, expiresAt: undefined });
    },
    request(request, gate = open, pinned = () => undefined) {
      const pin = (version: string) => gate({ at: 'queue', name: 'pin', input: version }, () => pinned(version));
      return judgeRequest({ ...lab.context(gate), pin }, credential, request);
    },
    due() {
      const name = view.currentName();
      history.mayBeReplaced.add(name);
      return name;
    },
    changeEntry(changes) {
      credential = { ...credential, ...changes };
    },
    reactivate() {
      const { retired: _, ...rest } = credential;
      credential = rest;
    },
    currentWorks() {
      const version = view.holder('AWSCURRENT');
      return version !== undefined && vendor.works(view.grantOf(version) ?? '', view.textOf(version));
    },
  };
  return lab;
}

/** The attempt that a worker has announced by the intent that it puts. */
function rotationOf({ name, input }: Effect): string | undefined {
  if (name !== 'PutSecretValue') return undefined;
  const record = parseRecord(String(Reflect.get(Object(input), 'SecretString')));
  return record?.is === 'intent' ? record.rotationId : undefined;
}
