import { dirname } from 'node:path';
import { findViolations } from './directions/find-violations.ts';
import { readWorkspace } from './directions/workspace.ts';

const workspace = readWorkspace(dirname(import.meta.dirname));
const violations = findViolations(workspace);
for (const { where, what } of violations) console.error(`${where}  ${what}`);
const files = workspace.packages.reduce((sum, { files: own }) => sum + own.length, workspace.scripts.length);
console.log(
  violations.length === 0
    ? `Package directions hold in ${files} files of ${workspace.packages.length} packages.`
    : `${violations.length} places go against the package directions.`,
);
process.exitCode = violations.length === 0 ? 0 : 1;
