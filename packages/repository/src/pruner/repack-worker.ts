import type { BlobType } from '../format/blob.ts';
import { encodeIndexPack } from '../format/index-file.ts';
import type { FinishedPack } from '../pack/pack-builder.ts';
import { PackUploader } from '../pack/pack-uploader.ts';
import { openBlob } from '../repository.ts';
import { fetchBlobs } from '../restorer/fetch-blobs.ts';
import { openStorageLazily } from '../storage/open-storage-lazily.ts';
import { sendNotice, serveRequests, throwIfStopped, workerInput } from '../worker/serve-requests.ts';
import type { DamagedCopy, RepackNotice, RepackRequest, RepackResponse, RepackWorkerData } from './repack-messages.ts';

const { storage: description, key, version } = workerInput() as RepackWorkerData;
const storage = await openStorageLazily(description);
const notify: (notice: RepackNotice) => void = sendNotice;
const onStored = ({ contents, data }: FinishedPack) => {
  notify({ kind: 'pack', entry: encodeIndexPack(contents), blobs: contents.blobs.length, size: data.byteLength });
};
const packs: Readonly<Record<BlobType, PackUploader>> = {
  data: new PackUploader(storage, 'data', key, version, onStored),
  tree: new PackUploader(storage, 'tree', key, version, onStored),
};

serveRequests<RepackRequest, RepackResponse>(async (request) => {
  const damaged: DamagedCopy[] = [];
  if (request.kind === 'flush') {
    for (const uploader of Object.values(packs)) await uploader.flush();
    return { damaged };
  }
  let bytes = 0;
  const wanted = request.blobs.map((blob) => ({ blob, uses: [] }));
  for await (const {
    wanted: { blob },
    sealed,
  } of fetchBlobs(storage, request.pack, wanted)) {
    throwIfStopped();
    bytes += blob.length;
    const opened = typeof sealed === 'string' ? sealed : openBlob(key, blob, sealed);
    if (typeof opened === 'string' || typeof sealed === 'string') {
      damaged.push({ pack: request.pack, blob, reason: String(opened) });
    } else if (version === 2 && blob.type === 'tree' && blob.uncompressedLength === 0) {
      await packs.tree.add(Buffer.from(blob.id, 'hex'), opened);
    } else {
      await packs[blob.type].addSealed(blob, sealed);
    }
  }
  notify({ kind: 'bytes', bytes });
  return { damaged };
});
