import { runPinned } from './run-pinned.mjs';

await runPinned('packages/cli/src/main.ts', ['start', ...process.argv.slice(2)]);
