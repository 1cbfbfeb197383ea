type Release = () => void | Promise<void>;

declare global {
  /** Set by test/support/environment.ts, one list for each test file. */
  var releasesAfterFile: Release[] | undefined;
}

/**
 * Registers what must be ended when the test file is over, whatever became of its tests: a process, a temporary folder.
 * It runs after the file's own afterAll (jest would run an afterAll that is registered here before it). Outside jest, in
 * the demo, it runs as the process exits, so the release must do its work without waiting.
 */
export function afterFile(release: Release): void {
  if (globalThis.releasesAfterFile) globalThis.releasesAfterFile.push(release);
  else atExit(release);
}

const releasesAtExit: Release[] = [];

/** One listener for all: Node warns of more than ten. */
function atExit(release: Release): void {
  if (releasesAtExit.push(release) > 1) return;
  process.once('exit', () => {
    for (const one of releasesAtExit) void one();
  });
}
