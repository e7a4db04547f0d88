import { repositoryGroup } from './repository-group.ts';
import { runProgram } from './run-program.ts';

// What is shipped without a checkout: the engine alone.
await runProgram([repositoryGroup]);
