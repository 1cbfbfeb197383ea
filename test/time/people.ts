import { importValue } from '../../src/import';
import { parseTags, resolvedSuspect } from '../../src/rotation-tags';
import { awsTags } from '../../src/secrets-manager/secret-store';
import type { AlarmName, Credential } from '../../src/types';
import type { Fleet } from './fleet';
import type { MemoryQueue } from './queue';
import type { Replica } from './replica';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Those who do by hand what the worker asks for, hours or days later. */
export interface People {
  /** Somebody ends what may have been left behind, and says so, within half a day. */
  suspect(credential: Credential): void;
  /** A partner says that it has the new one, some days later; again, where Redis has lost it. */
  confirm(credential: Credential): void;
  /** Finout: somebody makes another, some days after they were asked. */
  onAlarm(name: AlarmName, fields: Readonly<Record<string, unknown>>): void;
  /** Was anybody asked to replace this version? */
  wasAskedFor(version: string | undefined): boolean;
}

export interface PeopleGiven {
  readonly fleet: Fleet;
  readonly queue: MemoryQueue;
  readonly replica: (skewMs: number) => Replica;
  readonly lookAgain: (credential: Credential) => Promise<void>;
}

export function peopleOf({ fleet, queue, replica, lookAgain }: PeopleGiven): People {
  const { company, random, later } = fleet;
  const { world, manifest } = company;
  const atWork = new Set<string>();
  const toReplace = new Set<string | undefined>();

  const endSuspects = (credential: Credential): void => {
    const { secretName: SecretId } = credential;
    const tags = world.aws.DescribeSecret({ SecretId }).Tags ?? [];
    const { suspects } = parseTags(Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value])));
    for (const { rotationId } of suspects)
      world.aws.TagResource({ SecretId, Tags: awsTags(resolvedSuspect(rotationId)) });
    const vendor = company.vendorOf(credential);
    for (const grant of [...vendor.live.keys()]) if (!company.isHeld(credential, grant)) vendor.ends(grant);
  };

  /** Nobody begins what somebody is at already. */
  const begins = (what: string): boolean => {
    if (atWork.has(what)) return false;
    atWork.add(what);
    return true;
  };

  return {
    suspect(credential) {
      const what = `suspect ${credential.id}`;
      if (!begins(what)) return;
      const [now, ms] = [fleet.now(), random.whole(1, 12) * HOUR];
      fleet.outages.push({ what: `credential ${credential.id}`, from: now - HOUR, to: now + ms });
      later(ms, async () => {
        atWork.delete(what);
        endSuspects(credential);
        await lookAgain(credential);
      });
    },
    confirm(credential) {
      const what = `confirm ${credential.id}`;
      if (!begins(what)) return;
      later(random.whole(1, 48) * HOUR, async () => {
        atWork.delete(what);
        const version = company.labelled(credential, 'AWSPREVIOUS');
        if (version === undefined) return;
        const job = { credential: credential.id, version, endGrace: true, reason: 'confirmed' };
        await queue.queues.enqueueRevoke(credential.account, job);
        await lookAgain(credential);
      });
    },
    onAlarm(name, fields) {
      const credential = manifest.byId.get(String(fields.credential));
      if (name !== 'import-needed' || credential === undefined) return;
      toReplace.add(company.labelled(credential, 'AWSCURRENT'));
      const what = `import ${credential.id}`;
      if (!begins(what)) return;
      company.reminders.push({ credential: credential.id, at: fleet.now() });
      later(random.whole(1, 20) * DAY, async function imports() {
        if (company.down.size > 0) return later(HOUR, imports);
        atWork.delete(what);
        const context = replica(0).deps.contextOf(credential, {}, () => false);
        const expiresAt = Math.floor((fleet.now() + credential.policy.rotateEveryMs) / 1000) * 1000;
        await importValue(context, { answer: company.vendorOf(credential).byHand(), expiresAt });
        // each worker sees in a sweep that the trouble is over: one of those that are skipped here
        for (const { reported } of fleet.alive) reported.delete(credential.id);
        await lookAgain(credential);
      });
    },
    wasAskedFor: (version) => toReplace.has(version),
  };
}
