import type { Stage } from '../stage';

/** From nothing: secrets are created, values issued, stored and promoted. */
export async function issue({ start, company, fleet, say, until, endScene }: Stage): Promise<void> {
  say('2. The worker starts: its sweeps create the other secrets, and have a first');
  say('   value issued for each.');
  await start(company.manifestPath);
  await until('the first value of every credential', () => fleet().every(({ decision }) => decision.state === 'fresh'));
  endScene();
}
