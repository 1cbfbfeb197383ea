import { counted, type Place, placesOfProcess, searchEverything, secretsOf } from '../support/leaks';
import type { OwnProcess } from '../support/processes';
import type { Chaos } from './play';
import { asked } from './seen';

/**
 * Looks for everything secret that there was in everything that a run has left behind: the output of every process, what
 * others see of the one that still runs, Redis with its files, those of its earlier lives too. Counts it.
 * @returns where one stands
 */
export async function leaksOf({ sandbox, company, redis, workers, person }: Chaos): Promise<readonly string[]> {
  const values = await asked<readonly string[]>('GET', `${sandbox.urls.inspection}/secret-values`);
  const grants = (await sandbox.seen()).control.grants().flatMap(({ grantId }) => grantId ?? []);
  const secrets = [
    ...secretsOf('a secret', [...values, ...company.ownSecrets]),
    ...secretsOf('the id of a grant', grants),
  ];
  const last = workers.at(-1);
  return counted(
    await searchEverything(secrets, {
      texts: [
        ...workers.flatMap((worker) => outputOf(worker, 'worker')),
        ...person.commands.flatMap((command) => outputOf(command, 'command')),
        ...(last === undefined ? [] : placesOfProcess(last.pid, company.env)),
      ],
      redis,
    }),
  );
}

const outputOf = (process: OwnProcess, what: string): Place[] =>
  [...process.stdout().split('\n'), ...process.stderr().split('\n')].map((text, n) => ({
    where: `line ${n} of ${what} ${process.pid}`,
    text,
  }));
