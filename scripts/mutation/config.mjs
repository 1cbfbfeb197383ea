/** Mutation testing: `npm run test:mutation`; what is changed, what is left out, and what it found: docs/2026-11-21-mutation-testing.md. */

/** What policy decides, and from what. */
const POLICY = ['policy', 'decision', 'due', 'window', 'by-hand', 'retired', 'undo', 'situation'];
/** The steps of a rotation, whoever finishes them. */
const ROTATION = [
  'rotation',
  'unfinished',
  'detached',
  'recovery',
  'issuing',
  'attempt',
  'staging',
  'promotion',
  'giving-up',
  'suspects',
  'unstored-value',
  'lost-renewals',
  'announcing',
  'last-attempt',
  'version-quota',
  'choosing',
  'chosen-value',
  'telling',
  'login-tries',
  'import',
  'rollback',
  'reinstating',
];
/** The steps of a revocation, and what is looked through before one. */
const REVOCATION = [
  'revocation',
  'revocation-answer',
  'grants',
  'retirement',
  'settled-versions',
  'hand-made',
  'adoption',
];

/** The fastest first: the first that fails ends a mutant. All of them run in memory, but for the last, over a socket. */
const TESTS = [
  'test/unit/policy',
  'test/unit/policy-words',
  'test/unit/ending-words',
  'test/unit/by-hand',
  'test/unit/retired',
  'test/unit/situation',
  'test/unit/window',
  'test/unit/undo',
  'test/unit/settled-versions',
  'test/unit/version-ids',
  'test/unit/rotation-tags',
  'test/unit/request',
  'test/unit/sweep',
  'test/unit/clean-path',
  'test/unit/lost-entries',
  'test/unit/fleet-facts',
  'test/unit/aws-calls',
  'test/unit/aws-answers',
  'test/unit/value-fit',
  'test/crash/what-is-told',
  'test/crash/stopping',
  'test/crash/promoting',
  'test/crash/given-up',
  'test/crash/ended-and-told',
  'test/crash/brought-and-undone',
  'test/crash/found-by-others',
  'test/crash/values-in-memory',
  'test/crash/told-and-tried',
  'test/crash/looked-through',
  'test/crash/rules',
  'test/crash/revocations',
  'test/crash/retirement',
  'test/crash/between-parts',
  'test/crash/partner-secret-tries',
  'test/crash/account-pause',
  'test/crash/adoption',
  'test/crash/extend',
  'test/crash/by-hand',
  'test/crash/attempts',
  'test/crash/rules-of-hands',
  'test/crash/hands',
  'test/crash/rollback',
  'test/crash/imports',
  'test/integration/secret-store',
];

/** Enumerations of hundreds of lives in one test: they cost as much as all others together, and every survivor would pay for them. */
const SKIPPED = [
  ': a crash at any effect loses nothing, and counts as no failure',
  'other workers that rotate and revoke meanwhile',
  'nor does a second crash',
];

export default {
  mutate: [...[...POLICY, ...ROTATION, ...REVOCATION].map((name) => `src/${name}.ts`), 'src/secrets-manager/*.ts'],
  testRunner: 'in-process',
  plugins: ['./scripts/mutation/in-process-runner.mjs', './scripts/mutation/prose.mjs'],
  inProcess: { testFiles: TESTS.map((name) => `${name}.test.js`), skipped: SKIPPED },
  ignorers: ['prose'],
  buildCommand: 'npx tsc',
  ignorePatterns: ['dist', 'docs', 'credentials.example'],
  tsconfigFile: 'none', // what Stryker would read it with is not in TypeScript 7, and nothing in it needs a change
  coverageAnalysis: 'perTest',
  concurrency: 2,
  timeoutMS: 30_000,
  incrementalFile: 'reports/mutation/incremental.json',
  reporters: ['clear-text', 'progress-append-only', 'json', 'html'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  thresholds: { high: 95, low: 90, break: 85 },
};
