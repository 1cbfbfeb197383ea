import { CAST } from '../cast';
import type { Stage } from '../stage';
import { importToken } from './finout-token';

/** What no vendor issues and nobody may choose comes from a person: by the command line, on standard input. */
export async function firstValues(stage: Stage): Promise<void> {
  const { say, company, rotator, endScene } = stage;
  say('1. No secret exists yet. Two first values only a person can bring: a Finout');
  say('   token, and the Finicity partner secret, with which the worker logs in.');
  endScene();
  await importToken(stage);
  await rotator(['import', CAST.partnerSecret], { input: JSON.stringify({ partnerSecret: company.partnerSecret }) });
}
