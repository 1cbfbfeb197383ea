import { build } from './build.mjs';
import { SetupError } from './say.mjs';

/** Nothing runs on a build whose types do not hold. */
export async function buildOrStop() {
  if (await build()) return;
  throw new SetupError('The build failed: mend the errors above (npm test shows all that is asked of the code).');
}
