/** npm run build: compiles into dist what `npm start` runs, and removes what no longer has a source. Expects node_modules. */
import { buildOrStop } from './lib/build-or-stop.mjs';
import { main } from './lib/say.mjs';

await main(async () => {
  await buildOrStop();
  return 0;
});
