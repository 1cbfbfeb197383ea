/**
 * What the set-up has to say goes to stderr: stdout belongs to the program that runs after it
 * (`npm run sandbox -- --json` must print nothing but JSON there).
 */
export function say(message) {
  process.stderr.write(`${message}\n`);
}

/** The set-up cannot be done on this machine; the message says how to mend it. Ends the script with exit code 2. */
export class SetupError extends Error {
  name = 'SetupError';
}

/** Runs a script's main function and turns what it throws into an exit code: 2 for a set-up that cannot be done. */
export async function main(run) {
  try {
    process.exitCode = await run();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(`\n${error.message}`);
    process.exitCode = 2;
  }
}
