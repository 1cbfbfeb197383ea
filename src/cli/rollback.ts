import type { Command } from 'commander';
import { UsageError } from '../errors';
import { rollback } from '../rollback';
import type { Outcome } from '../rotation-context';
import { currentName } from '../situation';
import { credentialsNamed } from './credential-ids';
import type { Door } from './door';
import { FAILED, OK } from './exit-codes';
import { outcomeAsJson } from './outcomes';
import { paint, print, printJson, say } from './output';
import { iso } from './words';
import { atWork, refuseDryRun, run, type Workplace } from './workplace';

interface Options {
  readonly json?: true;
}

const EXAMPLES = `
A new version with the content of AWSPREVIOUS is staged and promoted, and its grant enabled again where the vendor can; no
label goes back. Its end stays that of the original, its age begins anew. It is done by this very command, at once: no
message can ask for it unless the entry's policy allows that. Refused where the kind cannot, or that value is compromised.
Exits with 1 where the value before did not become current.

Examples:
  rotator rollback sharing/acme
  rotator rollback sharing/acme --json`;

export function addRollback(program: Command, { opening, end }: Door): void {
  program
    .command('rollback')
    .summary('make the value before the current one current again')
    .description('Undoes the last rotation: the value of AWSPREVIOUS becomes current again, as a new version.')
    .argument('<id>', 'id of the credential')
    .option('--json', 'as JSON, for programs')
    .addHelpText('after', EXAMPLES)
    .action((id: string, { json }: Options) =>
      end(atWork(opening(), 'vendors', (place) => rollbackOne(place, id, json === true))),
    );
}

async function rollbackOne(place: Workplace, id: string, json: boolean): Promise<number> {
  refuseDryRun(place);
  const { collaborators, manifest } = place;
  const [credential] = credentialsNamed(manifest, [id]);
  if (credential === undefined) throw new UsageError('rollback takes the id of one credential.');
  const version = currentName(await collaborators.store.observe(credential));
  say('Copying the value before, and making the copy current …');
  const outcome = await run(place, credential, (context) => rollback(context, { version }));
  const { outcome: end, reason, retryAt, version: current } = outcome;
  if (json) printJson(outcomeAsJson(credential, outcome));
  else if (end === 'promoted') print(`${id}: ${paint('green', 'rolled back')} (${reason}): AWSCURRENT is ${current}`);
  else {
    const until = retryAt === undefined ? '' : `, until ${iso(retryAt)}`;
    print(`${id}: ${paint('red', 'not rolled back')} (${reason}${until})`);
    print(`  next: ${nextAfter(id, outcome)}`);
  }
  return end === 'promoted' ? OK : FAILED;
}

function nextAfter(id: string, { outcome, reason }: Outcome): string {
  if (outcome === 'blocked') return `rotator resolve ${id}`;
  if (outcome !== 'refused') return `rotator status ${id}`;
  if (reason === 'previous-in-grace') return `wait, or rotator rotate ${id} --compromised`;
  return reason === 'the-kind-cannot-roll-back'
    ? `its vendor does not bring a replaced value back; another: rotator rotate ${id}`
    : `rotator status ${id}; another value: rotator rotate ${id}`;
}
