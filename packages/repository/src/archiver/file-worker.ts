import type { SealingKey } from '../crypto/sealing.ts';
import { BlobIndex, type SharedBlobIndex } from '../index/blob-index.ts';
import { encodeIndexPack } from '../format/index-file.ts';
import { PackUploader } from '../pack/pack-uploader.ts';
import { openStorageInThread } from '../storage/open-storage-in-thread.ts';
import type { StorageDescription } from '../storage/storage-description.ts';
import { sendNotice, serveRequests, throwIfStopped, workerInput } from '../worker/serve-requests.ts';
import type { FileNotice, FileRequest, FileResponse } from './file-messages.ts';
import { FileReader } from './file-reader.ts';

/** What each thread that reads files is given. */
export interface FileWorkerData {
  readonly storage: StorageDescription;
  readonly key: SealingKey;
  readonly version: 1 | 2;
  readonly polynomial: bigint;
  readonly index: SharedBlobIndex;
}

const { storage, key, version, polynomial, index } = workerInput() as FileWorkerData;
const notify: (notice: FileNotice) => void = sendNotice;
const packs = new PackUploader(
  await openStorageInThread(storage),
  'data',
  key,
  version,
  ({ contents, data, plainBytes }) => {
    const entry = encodeIndexPack(contents);
    notify({ kind: 'pack', entry, blobs: contents.blobs.length, size: data.byteLength, plainBytes });
  },
);
const reader = new FileReader(polynomial, BlobIndex.attach(index), packs, (bytes) => {
  notify({ kind: 'bytes', bytes });
});

serveRequests<FileRequest, FileResponse>(async (request) => {
  const outcomes = [];
  if (request.kind === 'flush') {
    await packs.flush();
  } else {
    for (const name of request.names) {
      throwIfStopped();
      const path = Buffer.from(`${request.folder}/${name}`, 'latin1');
      outcomes.push(await reader.read(path, path.subarray(path.byteLength - name.length)));
    }
    reader.reportBytes();
  }
  return { outcomes };
});
