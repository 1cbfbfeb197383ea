import { join } from 'node:path';
import type { FaultInput } from '../sandbox/faults';
import type { Fault as StoreFault } from '../sandbox/secrets-manager/faults';
import type { SandboxUrls } from '../sandbox/start';
import { afterFile } from '../support/after-file';
import { type Company, type CompanyOptions, companyOf } from '../support/company';
import { type OwnProcess, startNode } from '../support/processes';
import { type Door, makeDoor } from './door';
import type { Founded, Founding } from './sandbox/main';
import { asked, type Seen, seenOf } from './seen';
import { DOORS, type DoorLane } from './timeline';

/** A sandbox as a process of its own, with a company in it that reaches it through doors. */
export interface OwnSandbox {
  readonly process: OwnProcess;
  /** Its own, past the doors. */
  readonly urls: SandboxUrls;
  readonly doors: Readonly<Record<DoorLane, Door>>;
  readonly company: Company;
  seen(): Promise<Seen>;
  /** The faults of one vendor's stand-in, in place of those it had. */
  setFaults(vendor: Exclude<DoorLane, 'secretsManager'>, faults: readonly FaultInput[]): Promise<void>;
  setStoreFaults(faults: readonly StoreFault[]): Promise<void>;
  stop(): Promise<void>;
}

const WITHIN_MS = 30_000;
/** As far away as such services are, so that something is under way whenever trouble comes. */
const STORE_MS = 10;
const VENDOR_MS = 120;

export async function startOwnSandbox(folder: string, company: CompanyOptions): Promise<OwnSandbox> {
  const [secretsManager, flinksOutbound, flinksDataSharing, finicity, finout] = await Promise.all([
    makeDoor(STORE_MS),
    ...[makeDoor(VENDOR_MS), makeDoor(VENDOR_MS), makeDoor(VENDOR_MS), makeDoor(VENDOR_MS)],
  ] as const);
  const doors = { secretsManager, flinksOutbound, flinksDataSharing, finicity, finout };
  afterFile(() => closeAll(doors));
  const reachedBy = {
    ...{ secretsManager: secretsManager.url, flinksOutbound: flinksOutbound.url },
    ...{ flinksDataSharing: flinksDataSharing.url, finicity: finicity.url, finout: finout.url },
  };
  const founding: Founding = { folder, company, reachedBy };
  const child = startNode(join(__dirname, 'sandbox/main.js'), { input: JSON.stringify(founding) });
  const founded: Founded = JSON.parse(await child.waitForLine('{', { withinMs: WITHIN_MS }));
  const { urls } = founded;
  for (const name of DOORS) doors[name].leadTo(urls[name]);
  const faults = new Map<DoorLane, readonly FaultInput[]>();
  return {
    process: child,
    urls,
    doors,
    company: companyOf(founded.company),
    seen: () => seenOf(urls),
    async setFaults(vendor, given) {
      faults.set(vendor, given);
      await asked('PUT', `${urls.inspection}/faults`, [...faults.values()].flat());
    },
    async setStoreFaults(given) {
      await asked('PUT', `${urls.secretsManager}/_sandbox/faults`, given);
    },
    async stop() {
      await closeAll(doors);
      await child.kill('SIGTERM');
    },
  };
}

async function closeAll(doors: OwnSandbox['doors']): Promise<void> {
  await Promise.all(DOORS.map((name) => doors[name].close()));
}
