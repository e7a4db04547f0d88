import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FileHistory } from '../../src/finder/file-history.ts';
import type { Repository } from '../../src/repository.ts';
import { TreeHistory } from '../tree-history.ts';
import type { Codec } from './codec.ts';

/**
 * The cache file that questions about all snapshots are answered from: a damaged one is built anew. Two snapshots are added
 * to the repository, which is otherwise empty.
 */
export async function makeCacheCodec(repository: Repository, folder: string): Promise<Codec> {
  const history = new TreeHistory(repository);
  const file = (content: string) => ({ size: content.length, mtime: 1_767_225_600, content, mode: 0o644 });
  history.set('/folder/file', file('x'));
  history.set('/folder/other.log', file('yy'));
  const before = await history.save();
  history.set('/folder/file', file('z'));
  const after = await history.save();
  const cacheFolder = join(folder, 'cache');
  const path = join(cacheFolder, repository.id, 'files.sqlite');
  (await FileHistory.open(repository, { cacheFolder })).close();
  return {
    name: 'cache of files',
    json: false,
    examples: [readFileSync(path)],
    cost: 100,
    decode: async (input) => {
      for (const suffix of ['-wal', '-shm', '-journal']) rmSync(`${path}${suffix}`, { force: true });
      writeFileSync(path, input);
      const opened = await FileHistory.open(repository, { cacheFolder });
      try {
        await opened.find({ pattern: '*.log', minimumSize: 0 });
        await opened.find({ folder: '/folder' });
        return await opened.compare(before, after);
      } finally {
        opened.close();
      }
    },
  };
}
