/** Jest runs what tsc compiled: no transform, real stack traces through the source maps. */
module.exports = {
  rootDir: 'dist',
  testMatch: ['<rootDir>/test/**/*.test.js'],
  testEnvironment: 'node',
  transform: {},
  testTimeout: 30_000,
  maxWorkers: 2,
};
