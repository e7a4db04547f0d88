import { runPinned } from './run-pinned.mjs';

await runPinned('packages/benchmarks/src/main.ts', process.argv.slice(2));
