import { type Command, Option } from 'commander';
import { pausesIn } from '../account-pause';
import { STATES } from '../decision';
import { UsageError } from '../errors';
import { askEach, observeAll } from '../fleet';
import { readLastAttempt } from '../last-attempt';
import type { Observation } from '../secret-store';
import { type Credential, KINDS } from '../types';
import { credentialsNamed } from './credential-ids';
import type { Door } from './door';
import { FAILED, OK } from './exit-codes';
import { print, printJson } from './output';
import { pausesNow } from './pauses';
import { type Details, detailsAsJson, detailsAsText } from './status-details';
import { rowAsJson, statusAsJson } from './status-json';
import { type Pauses, type Row, rowOf } from './status-rows';
import { statusTable, summaryLine } from './status-table';
import { atWork, type Workplace } from './workplace';

interface Options {
  readonly problems?: true;
  readonly kind?: string;
  readonly account?: string;
  readonly state?: string;
  readonly json?: true;
}

const EXAMPLES = `
Needs Secrets Manager and the manifest; Redis and the vendors are not asked, and no secret value is read.
The whole list comes from one sweep of ListSecrets, which AWS may keep a minute behind; with ids each secret is asked itself.
Exits with 1 where --problems finds one, or where a secret could not be looked at.

Examples:
  rotator status                               every credential, its state and what comes next
  rotator status --problems                    only those that need a person
  rotator status sharing/acme                  one in full: labels, tags, the last attempt
  rotator status --kind flinks-auth-secret --state due --json`;

export function addStatus(program: Command, { opening, end }: Door): void {
  program
    .command('status')
    .summary('every credential in exactly one named state')
    .description('Shows every credential, or those named, in exactly one named state, with what comes next.')
    .argument('[ids...]', 'ids of credentials; none: all of the manifest')
    .option('--problems', 'only those that need a person; exits with 1 where there is one')
    .addOption(new Option('--kind <kind>', 'only of this kind').choices(KINDS))
    .option('--account <name>', 'only of this account')
    .addOption(new Option('--state <state>', 'only in this state').choices([...STATES, 'unreadable']))
    .option('--json', 'as JSON, for programs')
    .addHelpText('after', EXAMPLES)
    .action((ids: string[], options: Options) =>
      end(atWork(opening(), 'secrets', (place) => status(place, ids, options))),
    );
}

async function status(place: Workplace, ids: readonly string[], options: Options): Promise<number> {
  checkAccount(place, options);
  const details = ids.length > 0 ? await inFull(place, ids) : await fleetRows(place, options);
  const shown = details.filter(({ row }) => isWanted(row, options));
  if (options.json) showJson(place, shown, ids.length > 0);
  else showText(place, shown, ids.length > 0);
  const found = shown.some(({ row }) => (options.problems && row.needsAPerson) || row.decision.state === 'unreadable');
  return found ? FAILED : OK;
}

/** Nothing is found of an account that is misspelt, and so no problem. @throws UsageError */
function checkAccount({ manifest: { accounts } }: Workplace, { account }: Options): void {
  if (account === undefined || accounts.has(account)) return;
  throw new UsageError(`--account takes the name of an account: the manifest has ${[...accounts.keys()].join(', ')}.`);
}

const isWanted = ({ credential, decision, needsAPerson }: Row, options: Options): boolean =>
  (!options.problems || needsAPerson) &&
  (options.kind === undefined || options.kind === credential.kind) &&
  (options.account === undefined || options.account === credential.account) &&
  (options.state === undefined || options.state === decision.state);

/** Each is asked itself, and why its last attempt was given up is read. */
async function inFull({ manifest, collaborators, log }: Workplace, ids: readonly string[]): Promise<Details[]> {
  const { store, fleet } = collaborators;
  const credentials = credentialsNamed(manifest, ids);
  const seen = new Map(await askEach(credentials, { store, fleet, log }));
  const pauses = await pausesNow(collaborators);
  const details: Details[] = [];
  for (const credential of credentials) {
    const one = seenOf(seen, credential);
    const lastAttempt = typeof one === 'object' ? await readLastAttempt(store, credential, one) : undefined;
    details.push({ row: rowOf(collaborators, credential, one, pauses, lastAttempt), lastAttempt });
  }
  return details;
}

async function fleetRows({ manifest, collaborators, log }: Workplace, options: Options): Promise<Details[]> {
  const { kind, account } = options;
  const wanted = manifest.credentials.filter(
    (one) => (kind === undefined || kind === one.kind) && (account === undefined || account === one.account),
  );
  let pauses: Pauses = new Map();
  const look = async (all: readonly Observation[]): Promise<void> => {
    pauses = pausesIn(all);
  };
  const seen = new Map(await observeAll(wanted, { ...collaborators, log, look }));
  return wanted.map((credential) => ({
    row: rowOf(collaborators, credential, seenOf(seen, credential), pauses),
    lastAttempt: undefined,
  }));
}

const seenOf = (
  seen: ReadonlyMap<Credential, Observation | undefined>,
  credential: Credential,
): Observation | undefined | 'unreadable' => (seen.has(credential) ? seen.get(credential) : 'unreadable');

function showJson({ collaborators }: Workplace, shown: readonly Details[], full: boolean): void {
  const now = collaborators.clock.now();
  const rows = shown.map(({ row }) => row);
  printJson(statusAsJson(rows, full ? shown.map((one) => detailsAsJson(one, now)) : rows.map(rowAsJson)));
}

function showText({ collaborators }: Workplace, shown: readonly Details[], full: boolean): void {
  const now = collaborators.clock.now();
  const rows = shown.map(({ row }) => row);
  if (full) print(shown.map((one) => detailsAsText(one, now)).join('\n\n'));
  else if (rows.length > 0) print(statusTable(rows, now));
  if (!full || rows.length !== 1) print(`${rows.length > 0 ? '\n' : ''}${summaryLine(rows)}`);
}
