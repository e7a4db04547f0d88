import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '@enterprise-backup/contracts/clock';
import type { SnapshotId } from '@enterprise-backup/contracts/ids';
import { backup } from '../../src/archiver/backup.ts';
import { withLock } from '../../src/locks.ts';
import { openRepository } from '../../src/open-repository.ts';
import { forgetSnapshots } from '../../src/snapshots.ts';
import { openStorage } from '../../src/storage/open-storage.ts';
import { password } from '../crafted-repository.ts';
import { SeededNumbers } from '../random-history.ts';
import { sharedContents } from './shared-contents.ts';

/**
 * An agent that changes its files, backs them up and forgets some points, round by round:
 * `<location> <folder> <seed> <agent> <rounds>`. A copy of what each point holds is at `<folder>/points <agent>/<id>`, for as
 * long as the point is not forgotten.
 */
const [, , location = '', folder = '', seed = '', name = '', rounds = ''] = process.argv;
const numbers = new SeededNumbers(`${seed} agent ${name}`);
const contents = sharedContents(seed);
const source = join(folder, `source ${name}`);
const kept = join(folder, `points ${name}`);
mkdirSync(join(source, 'inner'), { recursive: true });
mkdirSync(kept);

const repository = await openRepository(openStorage(location), password, systemClock, { lockWaitSeconds: 600 });
const points: SnapshotId[] = [];
for (let round = 0; round < Number(rounds); round += 1) {
  for (let change = 0; change < 4; change += 1) {
    const file = join(source, numbers.pick(['', 'inner']), `file ${numbers.next(6)}`);
    // What others store too, or what nobody else has.
    const content = numbers.next(3) === 0 ? numbers.bytes(1 + numbers.next(60_000)) : numbers.pick(contents);
    if (numbers.next(5) === 0) rmSync(file, { force: true });
    else writeFileSync(file, content);
  }
  writeFileSync(join(source, 'round'), `${name} ${round}`);
  const parent = points.length > 0 && numbers.next(4) > 0 ? numbers.pick(points) : null;
  const { snapshot_id: id } = await backup(repository, { source, parent });
  cpSync(source, join(kept, id), { recursive: true });
  points.push(id);
  if (points.length > 1 && numbers.next(2) === 0) {
    const [forgotten] = points.splice(numbers.next(points.length - 1), 1);
    if (forgotten !== undefined) {
      rmSync(join(kept, forgotten), { recursive: true });
      await withLock(repository, 'exclusive', undefined, () => forgetSnapshots(repository, [forgotten]));
    }
  }
  // Without any pause between backups nobody would ever get the exclusive lock.
  await delay(numbers.next(400));
}
