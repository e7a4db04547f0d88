import { maximumChunk } from '../chunker/chunker-parameters.ts';
import { Chunker } from '../chunker/chunker.ts';
import type { SealingKey } from '../crypto/sealing.ts';
import { matchPatterns } from '../filter/match-patterns.ts';
import { BlobIndex, type SharedBlobIndex } from '../index/blob-index.ts';
import { encodeIndexPack } from '../format/index-file.ts';
import type { FinishedPack } from '../pack/pack-builder.ts';
import { PackUploader } from '../pack/pack-uploader.ts';
import { openStorageLazily } from '../storage/open-storage-lazily.ts';
import type { StorageDescription } from '../storage/storage-description.ts';
import { TreeReader } from '../tree/tree-reader.ts';
import { sendNotice, serveRequests, throwIfStopped, workerInput } from '../worker/serve-requests.ts';
import { ChunkSaver } from './chunk-saver.ts';
import type { FileNotice, FileRequest, FileResponse } from './file-messages.ts';
import { FolderComparer } from './folder-comparer.ts';
import { FileReader } from './file-reader.ts';
import { LargeFileReader } from './large-file-reader.ts';
import { encodeOutcomes } from './read-outcomes.ts';

/** The largest chunk, and room that keeps what is moved from the buffer's end to its start small beside what was read. */
const bufferSize = maximumChunk + 4 * 1024 * 1024;

/** What each thread that reads files is given. */
export interface FileWorkerData {
  readonly storage: StorageDescription;
  readonly key: SealingKey;
  readonly version: 1 | 2;
  readonly polynomial: bigint;
  readonly index: SharedBlobIndex;
  /** Absolute path of the protected folder, a byte in each character. */
  readonly source: string;
  /** Patterns as in .gitignore, relative to it. */
  readonly excludes: readonly string[];
}

const { storage, key, version, polynomial, index, source, excludes } = (await workerInput()) as FileWorkerData;
const blobs = BlobIndex.attach(index);
const repositoryStorage = await openStorageLazily(storage);
const notify: (notice: FileNotice, transferred?: readonly ArrayBuffer[]) => void = sendNotice;
const onStored = ({ contents, data, plainBytes }: FinishedPack) => {
  const entry = encodeIndexPack(contents);
  const pack = { entry, blobs: contents.blobs.length, size: data.byteLength, plainBytes };
  notify({ kind: 'pack', ...pack }, [entry.buffer]);
};
const packs = new PackUploader(repositoryStorage, 'data', key, version, onStored, { reusesTakenData: true });
const saver = new ChunkSaver(blobs, packs, (bytes) => {
  notify({ kind: 'bytes', bytes });
});
let readers: { readonly files: FileReader; readonly largeFiles: LargeFileReader } | undefined;
const comparer = new FolderComparer(
  blobs,
  new TreeReader({ storage: repositoryStorage, key }, blobs),
  source,
  excludes.length === 0 ? null : matchPatterns(excludes),
);

serveRequests<FileRequest, FileResponse>(async (request) => {
  const response = await answer(request);
  saver.reportBytes();
  return response;
});

async function answer(request: FileRequest): Promise<FileResponse> {
  switch (request.kind) {
    case 'read': {
      const outcomes = [];
      for (const { folder, names } of request.folders) {
        for (const name of names) {
          throwIfStopped();
          const path = Buffer.from(`${folder}/${name}`, 'latin1');
          outcomes.push(await readersOfThread().files.read(path, path.subarray(path.byteLength - name.length)));
        }
      }
      return { kind: 'read', outcomes: encodeOutcomes(outcomes), bytes: saver.takeBytes() };
    }
    case 'compare':
      return { kind: 'compare', comparison: await comparer.compare(request.folders) };
    case 'cut':
      return readersOfThread().largeFiles.cut(request.file, request.offset);
    case 'store':
      return readersOfThread().largeFiles.store(request.file, request.run);
    case 'flush':
      await packs.flush();
      return { kind: 'flush' };
  }
}

/** Made for the first file: a thread that only compares folders needs neither a buffer nor the chunker's tables. */
function readersOfThread(): { readonly files: FileReader; readonly largeFiles: LargeFileReader } {
  if (readers === undefined) {
    const chunker = new Chunker(polynomial, bufferSize);
    readers = { files: new FileReader(chunker, saver), largeFiles: new LargeFileReader(chunker, saver) };
  }
  return readers;
}
