import type { Command } from 'commander';
import { UsageError } from '../errors';
import { importValue } from '../import';
import type { Outcome } from '../rotation-context';
import type { Credential } from '../types';
import { credentialsNamed } from './credential-ids';
import type { Door } from './door';
import { FAILED, OK } from './exit-codes';
import { expiryOf } from './expiry';
import { outcomeAsJson } from './outcomes';
import { paint, print, printJson, say } from './output';
import { readAnswer } from './read-answer';
import { iso } from './words';
import { atWork, refuseDryRun, run, type Workplace } from './workplace';

interface Options {
  readonly expires?: string;
  readonly json?: true;
}

const EXAMPLES = `
The value is asked for on the terminal, and not shown; or it comes as a JSON object on standard input, its fields named as
the vendor names them. It never stands in an argument, which other users and the shell's history would see. It goes to
Secrets Manager and, where the kind can be verified, to its vendor; never to Redis, which only counts the calls.
What is unfinished is finished first. Exits with 1 where the value did not become current.

Examples:
  rotator import finout/reports --expires 2027-06-30
  rotator import sharing/acme < acme.json       { "PermissionId": "…", "AuthSecret": "…" }`;

const NO_VALUE_HERE =
  'import takes the id of a credential and nothing more: a value in an argument would be seen by other users and stay in ' +
  "the shell's history. Take it for known, and make another. Call import with the id alone: it asks for the value.";

export function addImport(program: Command, { opening, end }: Door): void {
  program
    .command('import')
    .summary('make a value current that a person has obtained')
    .description('Takes a value that a person has made at the vendor: stages it, verifies it, makes it AWSCURRENT.')
    .argument('<id>', 'id of the credential')
    .option('--expires <date>', 'when the value ends: an ISO date, or never')
    .option('--json', 'as JSON, for programs')
    .addHelpText('after', EXAMPLES)
    // Commander would repeat what it does not know.
    .allowUnknownOption()
    .allowExcessArguments()
    .action((id: string, options: Options, command: Command) => {
      if (command.args.length > 1 || id.startsWith('-')) throw new UsageError(NO_VALUE_HERE);
      return end(atWork(opening(), 'vendors', (place) => importOne(place, id, options)));
    });
}

async function importOne(place: Workplace, id: string, { expires, json }: Options): Promise<number> {
  refuseDryRun(place);
  const [credential] = credentialsNamed(place.manifest, [id], { secretly: true });
  if (credential === undefined) throw new UsageError('import takes the id of one credential.');
  const expiresAt = expiryOf(credential.kind, expires, place.collaborators.clock.now());
  const answer = await readAnswer(credential);
  say('Storing it, verifying it where the kind can be, making it current …');
  const outcome = await run(place, credential, (context) => importValue(context, { answer, expiresAt }));
  if (json) printJson(outcomeAsJson(credential, outcome));
  else show(credential, outcome);
  return outcome.outcome === 'promoted' ? OK : FAILED;
}

function show(credential: Credential, outcome: Outcome): void {
  const { id } = credential;
  if (outcome.outcome === 'promoted') {
    print(`${id}: ${paint('green', 'imported')} (${outcome.reason}): AWSCURRENT is ${outcome.version}`);
    return;
  }
  const until = outcome.retryAt === undefined ? '' : `, until ${iso(outcome.retryAt)}`;
  print(`${id}: ${paint('red', 'not imported')} (${outcome.reason}${until})`);
  print(`  next: ${nextAfter(credential, outcome)}`);
}

function nextAfter({ id, kind }: Credential, { outcome, reason }: Outcome): string {
  switch (reason) {
    case 'staged':
      return `nothing: the value is stored, and the worker verifies and promotes it. rotator status ${id} shows it`;
    case 'value-refused':
      if (kind === 'finicity-partner-secret')
        return `nobody logs in now, since five refused logins lock the account for good: rotator resolve ${id}`;
      return 'the vendor refuses the value: see that it was copied whole, or make another, and import that';
    case 'the-value-before-holds-it':
      return `that grant is the one of the version before, which is revoked or will be: make another, or rotator rollback ${id}`;
    case 'previous-in-grace':
      return `wait, or end the grace of the version before: rotator revoke ${id}`;
    case 'previous-awaits-confirmation':
      return `end the grace of the version before: rotator revoke ${id}`;
    case 'secret-missing-and-may-not-be-created':
      return 'create the secret, or write create: true into its entry';
    case 'value-not-stored':
      return 'Secrets Manager did not take the value: keep it, mend the access, and import it again';
    default:
      return outcome === 'blocked' ? `rotator resolve ${id}` : `rotator status ${id}, then import it again`;
  }
}
