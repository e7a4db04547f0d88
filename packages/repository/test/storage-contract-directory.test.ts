import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { describe } from 'vitest';
import { openStorage } from '../src/storage/open-storage.ts';
import { itKeepsTheStorageContract } from './storage-contract.ts';

describe('storage in a folder', () => {
  itKeepsTheStorageContract(() => {
    const folder = join(temporaryDirectoryForTest('storage'), 'repository');
    return Promise.resolve({
      storage: openStorage(folder),
      putStray: (path, data) => {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), data);
        return Promise.resolve();
      },
      readRaw: (path) => readFile(join(folder, path)),
    });
  });
});
