import { defineConfig } from 'vitest/config';

// Fast tests run in `npm test`; files named *.slow.test.ts (browser, whole applications) in `npm run test:slow`.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'fast',
          include: ['tests/**/*.test.ts'],
          exclude: ['tests/**/*.slow.test.ts'],
          testTimeout: 30_000,
          pool: 'forks',
        },
      },
      { test: { name: 'slow', include: ['tests/**/*.slow.test.ts'], testTimeout: 300_000, hookTimeout: 300_000, pool: 'forks' } },
    ],
  },
});
