import { parseRecord } from '../../src/attempt-record';
import { importValue } from '../../src/import';
import type { GrantFields, Provider, VendorAnswer } from '../../src/provider';
import { type RevokeRequest, settle } from '../../src/revocation';
import { rollback } from '../../src/rollback';
import { type RotateRequest, rotate } from '../../src/rotation';
import { type Context, type Outcome, PACE } from '../../src/rotation-context';
import { parseTags, type RotationTags } from '../../src/rotation-tags';
import { Sensitive } from '../../src/sensitive';
import { ANSWER_FIELDS, grantFields } from '../../src/stored-value';
import type { AlarmName, Credential, Kind, Log, Policy } from '../../src/types';
import { baseHash, parseVersionId } from '../../src/version-ids';
import { credentialOf } from './credentials';
import { type Effect, type Gate, isChange, open, promotes } from './gates';
import { labPartner } from './lab-partner';
import { type Behaviour, type LabVendor, type MemoryVendor, memoryVendor } from './memory-vendor';
import { type LabWorld, memoryWorld } from './memory-world';

const MINUTE = 60_000;

export type Label = 'AWSCURRENT' | 'AWSPREVIOUS' | 'AWSPENDING' | 'ROTATION_GIVEN_UP';

/** One credential, its vendor, Secrets Manager, and what may never happen on the way. */
export interface Lab<V extends LabVendor = MemoryVendor> {
  readonly world: LabWorld;
  readonly vendor: V;
  readonly credential: Credential;
  readonly behaviour: Behaviour;
  readonly alarms: AlarmName[];
  /** What was broken on the way (properties P3, P5, P6 of the model), and secrets that were logged. */
  readonly broken: string[];
  /** Versions that somebody had reason to replace. */
  readonly mayBeReplaced: Set<string>;
  /** Versions that a person asked to undo. */
  readonly mayBeUndone: Set<string>;
  /** Effects that changed something, since the beginning. */
  changes: number;
  context(gate?: Gate): Context;
  rotate(request?: Partial<RotateRequest>, gate?: Gate): Promise<Outcome>;
  settle(request?: Partial<RevokeRequest>, gate?: Gate): Promise<Outcome>;
  /** A person imports a value of theirs, which gives reason to replace what is current. */
  import(answer: VendorAnswer, gate?: Gate): Promise<Outcome>;
  /** What is current is undone. */
  rollback(gate?: Gate, version?: string): Promise<Outcome>;
  holder(label: Label): string | undefined;
  /** The grant that the version with this label holds. */
  grantOn(label: Label): string | undefined;
  grantOf(version: string): string | undefined;
  /** Does the vendor take what AWSCURRENT holds? */
  currentWorks(): boolean;
  tags(): RotationTags;
  /** The name that jobs give to what is current; it may be replaced from now on. */
  due(): string;
  /** The manifest says something else about the credential from now on. */
  changeEntry(changes: Partial<Pick<Credential, 'adopt' | 'retired' | 'value'>>): void;
  /** Its entry no longer says that it is retired. */
  reactivate(): void;
}

export type AnyLab = Lab<LabVendor>;

interface Setting {
  readonly kind: Kind;
  readonly behaviour: Behaviour;
  readonly policy?: Partial<Policy>;
}

/** In memory, in virtual time: for tests that run the algorithm thousands of times. */
export function rotationLab({ kind, behaviour, policy = {} }: Setting): Lab {
  const vendor = memoryVendor(kind, behaviour);
  return labOver({
    world: memoryWorld(),
    vendor,
    behaviour,
    credential: credentialOf(kind, policy),
    tells: (text) => /grant-\d|secret of/.test(text),
    provider: (lab, gate, attempt, onRevoke) => ({
      ...vendor.provider(gate, attempt, onRevoke),
      ...(kind === 'finicity-partner-secret' ? { chosen: labPartner(lab, gate).chosen } : {}),
    }),
  });
}

/** What a lab is made of. */
export interface Parts<V extends LabVendor> {
  readonly world: LabWorld;
  readonly vendor: V;
  readonly behaviour: Behaviour;
  readonly credential: Credential;
  /** Does a line of the log hold a secret? */
  tells(text: string): boolean;
  /**
   * The verbs for one worker.
   * @param attempt the attempt that it has announced last
   * @param onRevoke told of a grant before it is revoked
   */
  provider(lab: Lab<V>, gate: Gate, attempt: () => string, onRevoke: (grant: string) => void): Provider;
}

export function labOver<V extends LabVendor>(parts: Parts<V>): Lab<V> {
  const { world, vendor, behaviour } = parts;
  let { credential } = parts;
  const SecretId = credential.secretName;
  const alarms: AlarmName[] = [];
  const broken: string[] = [];
  const log = logFor(alarms, broken, parts.tells);

  const described = () =>
    world.aws.secrets().some(({ name }) => name === SecretId) ? world.aws.DescribeSecret({ SecretId }) : {};
  const holder = (label: Label): string | undefined => {
    const labels = described().VersionIdsToStages ?? {};
    return Object.keys(labels).find((version) => labels[version]?.includes(label));
  };
  const textOf = (version: string): string => {
    const [secret] = world.aws.secrets().filter(({ name }) => name === SecretId);
    const value = secret?.versions.get(version)?.value;
    return value !== undefined && 'SecretString' in value ? value.SecretString : '';
  };
  const grantOf = (version: string | undefined): string | undefined => {
    const text = version === undefined ? '' : textOf(version);
    const held = text.startsWith('{') && parseRecord(text) === undefined ? grantIn(credential, text) : undefined;
    return held ?? credential.adopt?.grants[version ?? ''];
  };
  const grantOn = (label: Label) => grantOf(holder(label));

  let promotedAt = 0;
  let graceEnded = false;
  /** The grant of AWSPREVIOUS is not revoked within its grace, unless it or AWSCURRENT is compromised, or a message says so. */
  const keepsGrace = (grant: string): void => {
    if (grant !== grantOn('AWSPREVIOUS') || grant === grantOn('AWSCURRENT') || graceEnded || isDead()) return;
    const urgent = ['AWSPREVIOUS', 'AWSCURRENT'] as const;
    if (urgent.some((label) => lab.tags().compromised.has(holder(label) ?? ''))) return;
    if (world.clock.now() - promotedAt < credential.policy.graceMs - MINUTE)
      broken.push(`revoked in its grace: ${grant}`);
  };

  /** The tag that says so is written before the first revocation. */
  const isDead = (): boolean => lab.tags().retired?.version === nameOf(holder('AWSCURRENT'));

  /** P5 of the model: nothing is revoked that AWSCURRENT or a promotable AWSPENDING holds. */
  const onRevoke = (grant: string): void => {
    if (!vendor.live.has(grant)) return;
    keepsGrace(grant);
    if (isDead()) return;
    const [current, pending] = [holder('AWSCURRENT'), holder('AWSPENDING')];
    const next = pending === undefined ? undefined : parseVersionId(pending);
    const undone = pending === holder('AWSPREVIOUS');
    const promotable = !undone && next?.is === 'value' && current !== undefined && next.baseHash === baseHash(current);
    if (grant === grantOf(current) || (promotable && grant === grantOf(pending))) broken.push(`P5 revoked ${grant}`);
  };

  /** P3 and P6: only over what was due or dead, and no older grant over a newer one that works. */
  const onPromote = (from: string, to: string): void => {
    promotedAt = world.clock.now();
    const [was, is] = [grantOf(from), grantOf(to)];
    if (was === undefined || lab.mayBeUndone.delete(from)) return;
    if (!lab.mayBeReplaced.delete(from) && vendor.live.has(was)) broken.push(`P3 ${from} was not due, or was twice`);
    if (is !== undefined && vendor.live.has(was) && vendor.numberOf(is) < vendor.numberOf(was))
      broken.push(`P6 ${is} over ${was}`);
  };
  world.onCall = (effect) => {
    if (!promotes(effect)) return;
    const { RemoveFromVersionId: from, MoveToVersionId: to } = Object(effect.input);
    onPromote(String(from), String(to));
  };

  const lab: Lab<V> = {
    world,
    vendor,
    get credential() {
      return credential;
    },
    behaviour,
    alarms,
    broken,
    mayBeReplaced: new Set(),
    mayBeUndone: new Set(),
    changes: 0,
    context(gate = open) {
      let attempt = 'nobody';
      const watched: Gate = (effect, perform) => {
        attempt = rotationOf(effect) ?? attempt;
        return gate(effect, () => {
          if (isChange(effect)) lab.changes += 1;
          return perform();
        });
      };
      return {
        credential,
        provider: parts.provider(lab, watched, () => attempt, onRevoke),
        store: world.store(watched),
        clock: world.clock,
        log,
        pace: PACE,
        reserveWrites: async () => undefined,
        stopping: () => false,
      };
    },
    rotate: (request = {}, gate = open) =>
      rotate(lab.context(gate), { version: nameOf(holder('AWSCURRENT')), wish: 'none', ...request }),
    rollback(gate = open, version = nameOf(holder('AWSCURRENT'))) {
      lab.mayBeUndone.add(version);
      return rollback(lab.context(gate), { version });
    },
    settle(request = {}, gate = open) {
      graceEnded ||= request.graceEnded === true;
      return settle(lab.context(gate), { graceEnded: false, ...request });
    },
    import(answer, gate = open) {
      lab.due();
      return importValue(lab.context(gate), { answer, expiresAt: undefined });
    },
    holder,
    grantOn,
    grantOf,
    currentWorks() {
      const version = holder('AWSCURRENT') ?? '';
      return vendor.works(grantOf(version) ?? '', textOf(version));
    },
    tags: () => parseTags(Object.fromEntries((described().Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]))),
    due() {
      const name = nameOf(holder('AWSCURRENT'));
      lab.mayBeReplaced.add(name);
      return name;
    },
    changeEntry(changes) {
      credential = { ...credential, ...changes };
    },
    reactivate() {
      const { retired: _, ...rest } = credential;
      credential = rest;
    },
  };
  return lab;
}

const nameOf = (current: string | undefined): string =>
  current === undefined || parseVersionId(current).is === 'intent' ? 'none' : current;

/** The attempt that a worker has announced by the intent that it puts. */
function rotationOf({ name, input }: Effect): string | undefined {
  if (name !== 'PutSecretValue') return undefined;
  const record = parseRecord(String(Reflect.get(Object(input), 'SecretString')));
  return record?.is === 'intent' ? record.rotationId : undefined;
}

function grantIn(credential: Credential, text: string): string | undefined {
  const fields: GrantFields = grantFields(credential, new Sensitive(text));
  return ANSWER_FIELDS[credential.kind].grant === undefined ? fields.secret?.reveal() : fields.grant;
}

function logFor(alarms: AlarmName[], broken: string[], tells: (text: string) => boolean): Log {
  const look = (fields: object): void => {
    if (tells(JSON.stringify(fields))) broken.push(`logged: ${JSON.stringify(fields)}`);
  };
  return {
    info: look,
    warn: look,
    alarm: (name, fields) => {
      alarms.push(name);
      look(fields);
    },
  };
}
