import type { Stage } from '../stage';

/** From nothing: secrets are created, values issued, stored and promoted. */
export async function issue({ start, company, fleet, say, until, endScene }: Stage): Promise<void> {
  say('1. No secret exists yet. The worker starts: its sweeps create them, and');
  say('   have a first value issued for each.');
  await start(company.manifestPath);
  await until('the first value of every credential', () => fleet().every(({ decision }) => decision.state === 'fresh'));
  endScene();
}
