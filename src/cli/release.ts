import { Argument, type Command } from 'commander';
import { release } from '../queue/revoke-limit';
import { SWEEPS, type SweepName } from '../types';
import type { Door } from './door';
import { OK } from './exit-codes';
import { print, printJson } from './output';
import { atWork, refuseDryRun, type Workplace } from './workplace';

interface Options {
  readonly json?: true;
}

const EXAMPLES = `
A sweep that would have more grants revoked within a day than limits.revokeShare of its entries stops, and raises the alarm
revoke-limit. Look first why there are so many. Released, its next run, which starts at once, goes on beyond the limit, once.
The word is kept in Redis, and is void when no worker takes it in time.

Examples:
  rotator release revoke-stale-flinks-permissions
  rotator release revoke-stale-finicity-receipts --json`;

export function addRelease(program: Command, { opening, end }: Door): void {
  program
    .command('release')
    .summary('let a sweep that stopped at its limit go on, once')
    .description('Lets a sweep go on that stopped before it revoked more than its limit.')
    .addArgument(new Argument('<sweep>', 'name of the sweep').choices(SWEEPS))
    .option('--json', 'as JSON, for programs')
    .addHelpText('after', EXAMPLES)
    .action((sweep: SweepName, { json }: Options) =>
      end(atWork(opening(), 'queue', (place) => releaseOne(place, sweep, json === true))),
    );
}

async function releaseOne(place: Workplace, sweep: SweepName, json: boolean): Promise<number> {
  refuseDryRun(place);
  const { config, connections } = place;
  await release({ failFast: connections.failFast, prefix: config.prefix }, sweep);
  if (json) printJson({ sweep, outcome: 'released' });
  else
    print(
      `${sweep}: released. It runs now, and goes on beyond its limit, once.\n  next: the log of the worker, or rotator status`,
    );
  return OK;
}
