/** What `npm run test:image` checks on the images that test/image/main.ts has built. */
module.exports = {
  ...require('./jest.config.cjs'),
  testMatch: ['<rootDir>/test/image/**/*.test.js'],
  testPathIgnorePatterns: [],
};
