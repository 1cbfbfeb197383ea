/** Mutation testing: `npm run test:mutation`; what it is for and what it found: docs/2026-11-21-mutation-testing.md. */
const ALGORITHM = [
  ...['policy', 'decision', 'due', 'window', 'by-hand', 'retired'],
  ...['rotation', 'unfinished', 'issuing', 'attempt', 'staging', 'promotion', 'recovery', 'announcing'],
  ...['giving-up', 'suspects', 'lost-renewals', 'unstored-value', 'version-quota', 'last-attempt'],
  ...['choosing', 'chosen-value', 'telling', 'login-tries', 'import', 'rollback', 'reinstating', 'undo'],
  ...['revocation', 'revocation-answer', 'grants', 'retirement', 'settled-versions', 'hand-made', 'adoption'],
  ...['situation', 'secret-store'],
].map((name) => `src/${name}.ts`);

export default {
  mutate: [...ALGORITHM, 'src/secrets-manager/*.ts'],
  testRunner: 'in-process',
  plugins: ['./scripts/mutation/in-process-runner.mjs', './scripts/mutation/prose.mjs'],
  ignorers: ['prose'],
  inProcess: {
    testFiles: [
      ...['policy', 'by-hand', 'retired', 'situation', 'window', 'undo', 'settled-versions', 'version-ids'],
      ...['rotation-tags', 'request', 'sweep', 'clean-path', 'lost-entries', 'fleet-facts', 'aws-calls', 'value-fit'],
    ]
      .map((name) => `test/unit/${name}.test.js`)
      .concat(
        [
          ...[
            'rules',
            'revocations',
            'retirement',
            'between-parts',
            'partner-secret-tries',
            'account-pause',
            'adoption',
          ],
          ...['extend', 'by-hand', 'attempts', 'rules-of-hands', 'hands', 'rollback', 'imports'],
        ].map((name) => `test/crash/${name}.test.js`),
        'test/integration/secret-store.test.js',
      ),
  },
  buildCommand: 'npx tsc',
  ignorePatterns: ['dist', 'docs', 'credentials.example'],
  tsconfigFile: 'none',
  coverageAnalysis: 'perTest',
  concurrency: 2,
  timeoutMS: 30_000,
  incremental: true,
  incrementalFile: 'reports/mutation/incremental.json',
  reporters: ['clear-text', 'progress-append-only', 'json', 'html'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  thresholds: { high: 95, low: 90, break: 85 },
};
