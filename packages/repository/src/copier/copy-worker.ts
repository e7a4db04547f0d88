import type { BlobType, PackedBlob } from '../format/blob.ts';
import { encodeIndexPack } from '../format/index-file.ts';
import type { FinishedPack } from '../pack/pack-builder.ts';
import { PackUploader } from '../pack/pack-uploader.ts';
import { openBlob } from '../open-blob.ts';
import { fetchWanted } from '../restorer/fetch-wanted.ts';
import { openStorageLazily } from '../storage/open-storage-lazily.ts';
import { sendNotice, serveRequests, throwIfStopped, workerInput } from '../worker/serve-requests.ts';
import type { CopyNotice, CopyRequest, CopyResponse, CopyWorkerData } from './copy-messages.ts';
import { verifyStoredPack } from './verify-stored-pack.ts';

const { source, sourceKey, target, targetKey, version, readBack } = (await workerInput()) as CopyWorkerData;
const from = await openStorageLazily(source);
const to = await openStorageLazily(target);
const notify: (notice: CopyNotice, transferred?: readonly ArrayBuffer[]) => void = sendNotice;
const onStored = async (pack: FinishedPack): Promise<void> => {
  await verifyStoredPack(to, targetKey, pack, readBack);
  const { contents, data, plainBytes } = pack;
  const entry = encodeIndexPack(contents);
  const stored = { entry, blobs: contents.blobs.length, size: data.byteLength, plainBytes };
  notify({ kind: 'stored', ...stored }, [entry.buffer]);
};
const packs: Readonly<Record<BlobType, PackUploader>> = {
  data: new PackUploader(to, 'data', targetKey, version, onStored),
  tree: new PackUploader(to, 'tree', targetKey, version, onStored),
};

serveRequests<CopyRequest, CopyResponse>(async (request) => {
  const failed: { blob: PackedBlob; reason: string }[] = [];
  if (request.kind === 'flush') {
    for (const uploader of Object.values(packs)) await uploader.flush();
    return { failed };
  }
  const wanted = request.blobs.map((blob) => ({ blob, uses: [] }));
  let bytes = 0;
  for await (const fetched of fetchWanted(from, request.pack, wanted)) {
    for (const { wanted: one, sealed } of fetched) {
      throwIfStopped();
      const opened = typeof sealed === 'string' ? sealed : openBlob(sourceKey, one.blob, sealed, true);
      if (typeof opened === 'string') {
        failed.push({ blob: one.blob, reason: opened });
        continue;
      }
      bytes += one.blob.length;
      await packs[one.blob.type].add(Buffer.from(one.blob.id, 'hex'), opened);
    }
  }
  notify({ kind: 'fetched', bytes });
  return { failed };
});
