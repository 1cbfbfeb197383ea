import { text } from 'node:stream/consumers';
import { type SandboxUrls, startSandbox } from '../../sandbox/start';
import { type CompanyFacts, type CompanyOptions, factsOfNewCompany } from '../../support/company';

/** What this process is told on standard input. */
export interface Founding {
  readonly folder: string;
  readonly company: CompanyOptions;
  /** Where the company reaches the stand-ins: doors that can be shut, in front of them. */
  readonly reachedBy: Omit<SandboxUrls, 'inspection'>;
}

/** What it says in its one line. */
export interface Founded {
  readonly urls: SandboxUrls;
  readonly company: CompanyFacts;
}

/** A sandbox with a company, alone, until SIGTERM. Everything else goes by its doors: inspection, and `/_sandbox/`. */
async function main(): Promise<void> {
  const asked = new Promise((heard) => process.once('SIGTERM', heard));
  const { folder, company, reachedBy }: Founding = JSON.parse(await text(process.stdin));
  const sandbox = await startSandbox();
  const facts = factsOfNewCompany({ ...sandbox, urls: { ...sandbox.urls, ...reachedBy } }, folder, company);
  console.log(JSON.stringify({ urls: sandbox.urls, company: facts } satisfies Founded));
  await asked;
  await sandbox.stop();
  process.exit(0);
}

void main();
