import { systemClock } from '@enterprise-backup/contracts/clock';
import { snapshotId } from '@enterprise-backup/contracts/ids';
import { openRepository } from '../src/open-repository.ts';
import { restore } from '../src/restorer/restore.ts';
import { openStorage } from '../src/storage/open-storage.ts';
import { shareLimits } from '../src/storage/transfer-limits.ts';
import { password } from './crafted-repository.ts';

/** A restore in a process of its own that fetches slowly, so that a test can kill it in the middle of a file. */
const [, , location = '', snapshot = '', folder = '', target = ''] = process.argv;
const down = [{ bytesPerSecond: 2 * 1024 * 1024, window: null }];
const limits = shareLimits({ up: [], down, connections: null, timeZone: 'UTC' });
const repository = await openRepository(openStorage({ location, limits }), password, systemClock);
await restore(repository, { snapshot: snapshotId.parse(snapshot), folder, target });
