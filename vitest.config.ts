import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['packages/*/src/**/*.test.ts', 'packages/*/test/**/*.test.ts', 'scripts/**/*.test.ts'],
    // Every file gets a process of its own: tests kill children, change umask and hold locks.
    pool: 'forks',
    // Many wait for other processes much of the time; vitest's own choice on two cores would be one at a time.
    maxWorkers: availableParallelism() + 1,
    // Tests start real servers and programs, and no test is about speed: the limits only end what hangs.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
    execArgv: ['--disable-warning=ExperimentalWarning'],
  },
});
