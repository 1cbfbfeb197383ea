/** Jest runs what tsc compiled: no transform, real stack traces through the source maps. */
module.exports = {
  rootDir: 'dist',
  testMatch: ['<rootDir>/test/**/*.test.js'],
  // Needs what scripts/test-image.mjs builds first; see jest.image.config.cjs.
  testPathIgnorePatterns: ['<rootDir>/test/image/'],
  testEnvironment: '<rootDir>/test/support/environment.js',
  setupFiles: ['<rootDir>/../scripts/lib/refuse-remote.cjs'],
  transform: {},
  testTimeout: 30_000,
  maxWorkers: 3,
};
