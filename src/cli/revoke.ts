import type { Command } from 'commander';
import { type AskOptions, ask, wantedOf } from './asking';
import type { Door } from './door';
import { atWork } from './workplace';

const EXAMPLES = `
Sends a message by Redis to the worker, which does it; with --wait Secrets Manager is asked as well. AWSCURRENT is never
revoked by it. Exits with 1 where it was refused, failed, or did not happen within --wait.

Examples:
  rotator revoke sharing/acme                   the partner has the new one: the old one may go
  rotator revoke sharing/acme --wait 60 --reason "confirmed by Acme"`;

export function addRevoke(program: Command, { opening, end }: Door): void {
  program
    .command('revoke')
    .summary('ask the worker to revoke the replaced grant now')
    .description('Ends the grace period of the version before the current one: the worker revokes its grant now.')
    .argument('<ids...>', 'ids of credentials')
    .option('--reason <text>', 'why; stands in the log', 'by rotator')
    .option('--wait [seconds]', 'follow it until it is revoked; 300 seconds where none are given')
    .option('--json', 'as JSON, for programs')
    .addHelpText('after', EXAMPLES)
    .action((ids: string[], options: AskOptions) => {
      const wanted = wantedOf('revoke', options);
      return end(atWork(opening(), 'queue', (place) => ask(place, ids, wanted)));
    });
}
