import type { BlobType } from '../format/blob.ts';
import { CompactBlobs } from '../format/compact-blobs.ts';
import { encodeIndexPack } from '../format/index-file.ts';
import { fetchBlobs } from '../pack/fetch-blobs.ts';
import type { FinishedPack } from '../pack/pack-builder.ts';
import { PackUploader } from '../pack/pack-uploader.ts';
import { openBlob } from '../open-blob.ts';
import { openStorageLazily } from '../storage/open-storage-lazily.ts';
import { sendNotice, serveRequests, throwIfStopped, workerInput } from '../worker/serve-requests.ts';
import type { DamagedCopy, RepackNotice, RepackRequest, RepackResponse, RepackWorkerData } from './repack-messages.ts';

const { storage: description, key, version } = (await workerInput()) as RepackWorkerData;
const storage = await openStorageLazily(description);
const notify: (notice: RepackNotice, transferred?: readonly ArrayBuffer[]) => void = sendNotice;
const onStored = ({ contents, data }: FinishedPack) => {
  const entry = encodeIndexPack(contents);
  notify({ kind: 'pack', entry, blobs: contents.blobs.length, size: data.byteLength }, [entry.buffer]);
};
const packs: Readonly<Record<BlobType, PackUploader>> = {
  data: new PackUploader(storage, 'data', key, version, onStored, { reusesTakenData: true }),
  tree: new PackUploader(storage, 'tree', key, version, onStored, { reusesTakenData: true }),
};

serveRequests<RepackRequest, RepackResponse>(async (request) => {
  const damaged: DamagedCopy[] = [];
  if (request.kind === 'flush') {
    for (const uploader of Object.values(packs)) await uploader.flush();
    return { damaged };
  }
  let bytes = 0;
  const blobs = new CompactBlobs(request.blobs);
  for await (const fetched of fetchBlobs(storage, request.pack, blobs)) {
    for (const { at, sealed } of fetched) {
      throwIfStopped();
      const blob = blobs.at(at);
      bytes += blob.length;
      const opened = typeof sealed === 'string' ? sealed : openBlob(key, blob, sealed, true);
      if (typeof opened === 'string' || typeof sealed === 'string') {
        damaged.push({ pack: request.pack, blob, reason: String(opened) });
      } else if (version === 2 && blob.type === 'tree' && blob.uncompressedLength === 0) {
        await packs.tree.add(blobs.idAt(at), opened);
      } else {
        await packs[blob.type].addSealed(blobs.idAt(at), blob.uncompressedLength, sealed);
      }
    }
  }
  notify({ kind: 'bytes', bytes });
  return { damaged };
});
