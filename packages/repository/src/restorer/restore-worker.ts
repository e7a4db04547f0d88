import { openBlob } from '../repository.ts';
import { openStorage } from '../storage/open-storage.ts';
import { sendNotice, serveRequests, throwIfStopped, workerInput } from '../worker/serve-requests.ts';
import { ContentComparer } from './compare-content.ts';
import { FileWriter } from './file-writer.ts';
import { fetchBlobs } from './fetch-blobs.ts';
import type { RestoreNotice, RestoreRequest, RestoreResponse, RestoreWorkerData } from './restore-messages.ts';
import { TargetFolders } from './target-folders.ts';

const { storage: description, key, target, operation, remaining } = workerInput() as RestoreWorkerData;
const storage = openStorage(description);
const folders = new TargetFolders(Buffer.from(target));
const writer = new FileWriter(folders, operation, new Int32Array(remaining));
const noticeInterval = 4 * 1024 * 1024;
let bytes = 0;
let files = 0;

const tell = (force: boolean) => {
  if (bytes === 0 && files === 0) return;
  if (!force && bytes < noticeInterval) return;
  sendNotice({ bytes, files } satisfies RestoreNotice);
  bytes = 0;
  files = 0;
};
const comparer = new ContentComparer((read) => {
  bytes += read;
  tell(false);
});

serveRequests<RestoreRequest, RestoreResponse>(async (request) => {
  const damaged: RestoreResponse['damaged'][number][] = [];
  const faults: RestoreResponse['faults'][number][] = [];
  const differing: RestoreResponse['differing'][number][] = [];
  if (request.kind === 'pack') {
    try {
      for await (const { wanted, sealed } of fetchBlobs(storage, request.pack, request.blobs)) {
        throwIfStopped();
        const opened = typeof sealed === 'string' ? sealed : openBlob(key, wanted.blob, sealed);
        if (typeof opened === 'string') {
          damaged.push({ id: wanted.blob.id, reason: opened });
          continue;
        }
        for (const { file, offset } of wanted.uses) {
          const finished = writer.write(file, offset, opened);
          bytes += opened.byteLength;
          if (finished === null) continue;
          files += 1;
          for (const fault of finished) faults.push({ file: file.number, fault });
        }
        tell(false);
      }
    } finally {
      writer.closeFiles();
    }
  } else if (request.kind === 'empty') {
    for (const file of request.files) {
      throwIfStopped();
      for (const fault of writer.finish(file)) faults.push({ file: file.number, fault });
      files += 1;
    }
  } else {
    for (const expected of request.files) {
      throwIfStopped();
      const { file } = expected;
      const reason = comparer.compare(folders.place(file.folder, file.name), expected);
      if (reason !== null) differing.push({ file: file.number, reason });
      files += 1;
    }
  }
  tell(true);
  return { damaged, faults, differing };
});
