import { runPinned } from './run-pinned.mjs';

await runPinned('scripts/run-tests.ts', process.argv.slice(2));
