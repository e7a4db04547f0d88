import { dirname } from 'node:path';
import { motoAbsence } from '@enterprise-backup/test-support/moto-server';
import { addCounts, closingLine } from './tests/counts.ts';
import { installSystemParts } from './tests/install-system-parts.ts';
import { runChecks } from './tests/run-checks.ts';
import { endPrograms } from './tests/run-program.ts';
import { runVitest } from './tests/run-vitest.ts';

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    endPrograms();
    process.exit(130);
  });
}

const missingParts = installSystemParts();
const noMoto = await motoAbsence();
const checks = await runChecks(dirname(import.meta.dirname));
const tests = await runVitest(process.argv.slice(2));

console.log('');
for (const check of checks.failedChecks) console.log(`FAILED: npm run ${check}`);
if (tests.failed > 0) console.log('FAILED: npm run unit');
for (const { tools } of missingParts) console.log(`NOT RUN: the tests that need ${tools.join(' or ')}`);
if (noMoto !== null) console.log(`NOT RUN: the tests of S3, because ${noMoto}`);
if (missingParts.length > 0) {
  const packages = missingParts.map(({ debianPackage }) => debianPackage).join(' ');
  console.log(`To run them, install what is missing; on Debian and Ubuntu: sudo apt-get install ${packages}`);
}

const counts = addCounts([checks, tests]);
console.log(closingLine(counts));
process.exitCode = counts.failed === 0 ? 0 : 1;
