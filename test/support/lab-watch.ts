import type { AlarmName, Credential, Log } from '../../src/types';
import { baseHash, parseVersionId } from '../../src/version-ids';
import { type Effect, promotes } from './gates';
import type { LabView } from './lab-view';
import type { LabVendor } from './memory-vendor';
import type { LabWorld } from './memory-world';

const MINUTE = 60_000;
const COMPROMISED = 'rotation:compromised:';

/** What has happened to a credential, as far as it is judged by it. */
export interface LabHistory {
  readonly alarms: AlarmName[];
  /** What was broken on the way (properties P3, P5, P6 of the model), and secrets that were logged. */
  readonly broken: string[];
  /** Versions that somebody had reason to replace. */
  readonly mayBeReplaced: Set<string>;
  /** Versions that a person asked to undo. */
  readonly mayBeUndone: Set<string>;
  /** Grants that were said to be compromised. */
  readonly compromised: Set<string>;
  /** The versions that messages were found to concern when they were first received: in their jobs, so Redis's. */
  readonly pins: Map<object, string>;
  /** Effects that changed something, since the beginning. */
  changes: number;
  promotedAt: number;
  /** A message has ended the grace of AWSPREVIOUS. */
  graceEnded: boolean;
}

export const noHistory = (): LabHistory => ({
  alarms: [],
  broken: [],
  mayBeReplaced: new Set(),
  mayBeUndone: new Set(),
  compromised: new Set(),
  pins: new Map(),
  changes: 0,
  promotedAt: 0,
  graceEnded: false,
});

export const copyOf = (history: LabHistory): LabHistory => ({
  ...history,
  alarms: [...history.alarms],
  broken: [...history.broken],
  mayBeReplaced: new Set(history.mayBeReplaced),
  mayBeUndone: new Set(history.mayBeUndone),
  compromised: new Set(history.compromised),
  pins: new Map(history.pins),
});

interface Watched {
  readonly world: LabWorld;
  readonly vendor: LabVendor;
  readonly view: LabView;
  readonly credential: () => Credential;
  readonly history: LabHistory;
}

/** Looks on, and notes what may never happen on the way. @returns what is to be told of each revocation before it is done */
export function watch({ world, vendor, view, credential, history }: Watched): (grant: string) => void {
  const { holder, grantOn, grantOf, tags } = view;
  const { broken } = history;

  /** The tag that says so is written before the first revocation. */
  const isDead = (): boolean => tags().retired?.version === view.currentName();

  /** The grant of AWSPREVIOUS is not revoked within its grace, unless it or AWSCURRENT is compromised, or a message says so. */
  const keepsGrace = (grant: string): void => {
    const isPrevious = grant === grantOn('AWSPREVIOUS') && grant !== grantOn('AWSCURRENT');
    if (!isPrevious || history.graceEnded || isDead()) return;
    const urgent = ['AWSPREVIOUS', 'AWSCURRENT'] as const;
    if (urgent.some((label) => tags().compromised.has(holder(label) ?? ''))) return;
    if (world.clock.now() - history.promotedAt < credential().policy.graceMs - MINUTE)
      broken.push(`revoked in its grace: ${grant}`);
  };

  /** P3 and P6: only over what was due or dead, and no older grant over a newer one that works. */
  const onPromote = (from: string, to: string): void => {
    history.promotedAt = world.clock.now();
    const [was, is] = [grantOf(from), grantOf(to)];
    if (was === undefined || history.mayBeUndone.delete(from)) return;
    if (!history.mayBeReplaced.delete(from) && vendor.live.has(was))
      broken.push(`P3 ${from} was not due, or was twice`);
    if (is !== undefined && vendor.live.has(was) && vendor.numberOf(is) < vendor.numberOf(was))
      broken.push(`P6 ${is} over ${was}`);
  };

  world.onCall = ({ name, input }: Effect) => {
    const given = Object(input);
    if (promotes({ at: 'store', name, input }))
      onPromote(String(given.RemoveFromVersionId), String(given.MoveToVersionId));
    if (name !== 'TagResource') return;
    for (const { Key } of given.Tags) {
      const grant = Key.startsWith(COMPROMISED) ? grantOf(Key.slice(COMPROMISED.length)) : undefined;
      if (grant !== undefined) history.compromised.add(grant);
    }
  };

  /** P5 of the model: nothing is revoked that AWSCURRENT or a promotable AWSPENDING holds. */
  return (grant) => {
    if (!vendor.live.has(grant)) return;
    keepsGrace(grant);
    if (isDead()) return;
    const [current, pending] = [holder('AWSCURRENT'), holder('AWSPENDING')];
    const next = pending === undefined ? undefined : parseVersionId(pending);
    const undone = pending === holder('AWSPREVIOUS');
    const promotable = !undone && next?.is === 'value' && current !== undefined && next.baseHash === baseHash(current);
    if (grant === grantOf(current) || (promotable && grant === grantOf(pending))) broken.push(`P5 revoked ${grant}`);
  };
}

/** @param tells whether a line holds a secret */
export function watchedLog({ alarms, broken }: LabHistory, tells: (line: string) => boolean): Log {
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
