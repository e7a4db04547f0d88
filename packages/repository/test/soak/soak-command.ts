import { randomBytes } from 'node:crypto';
import { temporaryDirectory } from '@enterprise-backup/test-support/temporary-directory';
import { useConcurrently } from './concurrent-use.ts';

/**
 * Has agents, prune and restic use one repository after the other, and prints what happened: `node soak-command.ts [seeds]
 * [rounds]`. SEED=… sets the first seed; the others follow from it. Ends with the status 1 at the first fault.
 */
const [, , seeds = '50', rounds = '6'] = process.argv;
const first = process.env['SEED'] ?? randomBytes(4).toString('hex');
for (let number = 0; number < Number(seeds); number += 1) {
  const seed = number === 0 ? first : `${first}-${number}`;
  const directory = temporaryDirectory('soak');
  const started = performance.now();
  const { faults, ...counts } = await useConcurrently(directory.path, seed, Number(rounds));
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`SEED=${seed} ${seconds} s ${JSON.stringify(counts)}\n`);
  for (const fault of faults) process.stdout.write(`  ${fault}\n`);
  if (faults.length > 0) {
    process.stdout.write(`  the repository stays at ${directory.path}\n`);
    process.exit(1);
  }
  directory.remove();
}
