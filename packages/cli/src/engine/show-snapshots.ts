import { listSnapshots, type SnapshotEntry } from '@enterprise-backup/repository/snapshots';
import type { CommandContext } from '../command-context.ts';
import { formatTime } from '../format/time.ts';
import { openNamedRepository, type RepositoryOptions } from './open-named-repository.ts';

/** As many digits of an id as restic shows. */
const shortId = 8;

/** Lists the snapshots of a repository. Throws what opening and the engine throw. */
export async function showSnapshots(context: CommandContext, options: RepositoryOptions): Promise<void> {
  const { output } = context;
  const snapshots = await listSnapshots(await openNamedRepository(options, context.clock));
  output.object({ snapshots: snapshots.map(toObject) });
  if (snapshots.length === 0) {
    output.line('No snapshots.');
    return;
  }
  output.table({
    columns: [{ title: 'snapshot' }, { title: 'time' }, { title: 'host' }, { title: 'paths' }, { title: 'tags' }],
    rows: snapshots.map(({ id, snapshot }) => [
      id.slice(0, shortId),
      formatTime(snapshot.time),
      snapshot.hostname ?? '',
      (snapshot.paths ?? []).join(' '),
      (snapshot.tags ?? []).join(' '),
    ]),
  });
}

function toObject({ id, snapshot }: SnapshotEntry): object {
  const { time, tree, paths = [], hostname = null, username = null, tags = [], parent = null } = snapshot;
  return { id, time, hostname, username, paths, tags, parent, tree };
}
