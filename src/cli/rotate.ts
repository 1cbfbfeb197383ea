import type { Command } from 'commander';
import { type AskOptions, ask, wantedOf } from './asking';
import type { Door } from './door';
import { atWork } from './workplace';

const EXAMPLES = `
Sends a message by Redis to the worker, which does it; with --wait Secrets Manager is asked as well.
Exits with 1 where one was refused, failed, or did not happen within --wait.

Examples:
  rotator rotate sharing/acme --wait                       until AWSCURRENT has changed, or why not
  rotator rotate sharing/acme --compromised --reason leak  now, and revoke the old one without grace
  rotator rotate outbound/a outbound/b --json`;

export function addRotate(program: Command, { opening, end }: Door): void {
  program
    .command('rotate')
    .summary('ask the worker to replace credentials now')
    .description('Asks the worker to replace each of these credentials now, due or not.')
    .argument('<ids...>', 'ids of credentials')
    .option('--compromised', 'others know the current value: replace it at once, and revoke it without grace')
    .option('--reason <text>', 'why; stands in the log', 'by rotator')
    .option('--wait [seconds]', 'follow it until AWSCURRENT has changed; 300 seconds where none are given')
    .option('--json', 'as JSON, for programs')
    .addHelpText('after', EXAMPLES)
    .action((ids: string[], options: AskOptions) => {
      const wanted = wantedOf('rotate', options);
      return end(atWork(opening(), 'queue', (place) => ask(place, ids, wanted)));
    });
}
