import { maximumChunk } from '../chunker/chunker-parameters.ts';
import { Chunker } from '../chunker/chunker.ts';
import type { SealingKey } from '../crypto/sealing.ts';
import { BlobIndex, type SharedBlobIndex } from '../index/blob-index.ts';
import { encodeIndexPack } from '../format/index-file.ts';
import { PackUploader } from '../pack/pack-uploader.ts';
import { openStorageLazily } from '../storage/open-storage-lazily.ts';
import type { StorageDescription } from '../storage/storage-description.ts';
import { sendNotice, serveRequests, throwIfStopped, workerInput } from '../worker/serve-requests.ts';
import { ChunkSaver } from './chunk-saver.ts';
import type { FileNotice, FileRequest, FileResponse } from './file-messages.ts';
import { FileReader } from './file-reader.ts';
import { LargeFileReader } from './large-file-reader.ts';

/** The largest chunk, and room that keeps what is moved from the buffer's end to its start small beside what was read. */
const bufferSize = maximumChunk + 4 * 1024 * 1024;

/** What each thread that reads files is given. */
export interface FileWorkerData {
  readonly storage: StorageDescription;
  readonly key: SealingKey;
  readonly version: 1 | 2;
  readonly polynomial: bigint;
  readonly index: SharedBlobIndex;
}

const { storage, key, version, polynomial, index } = workerInput() as FileWorkerData;
const notify: (notice: FileNotice, transferred?: readonly ArrayBuffer[]) => void = sendNotice;
const packs = new PackUploader(
  await openStorageLazily(storage),
  'data',
  key,
  version,
  ({ contents, data, plainBytes }) => {
    const entry = encodeIndexPack(contents);
    const pack = { entry, blobs: contents.blobs.length, size: data.byteLength, plainBytes };
    notify({ kind: 'pack', ...pack }, [entry.buffer]);
  },
);
const chunker = new Chunker(polynomial, bufferSize);
const saver = new ChunkSaver(BlobIndex.attach(index), packs, (bytes) => {
  notify({ kind: 'bytes', bytes });
});
const files = new FileReader(chunker, saver);
const largeFiles = new LargeFileReader(chunker, saver);

serveRequests<FileRequest, FileResponse>(async (request) => {
  const response = await answer(request);
  saver.reportBytes();
  return response;
});

async function answer(request: FileRequest): Promise<FileResponse> {
  switch (request.kind) {
    case 'read': {
      const outcomes = [];
      for (const name of request.names) {
        throwIfStopped();
        const path = Buffer.from(`${request.folder}/${name}`, 'latin1');
        outcomes.push(await files.read(path, path.subarray(path.byteLength - name.length)));
      }
      return { kind: 'read', outcomes };
    }
    case 'cut':
      return largeFiles.cut(request.file, request.offset);
    case 'store':
      return largeFiles.store(request.file, request.run);
    case 'flush':
      await packs.flush();
      return { kind: 'flush' };
  }
}
