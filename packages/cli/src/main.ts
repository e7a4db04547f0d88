import { commandGroups } from './command-groups.ts';
import { runProgram } from './run-program.ts';

await runProgram(commandGroups);
