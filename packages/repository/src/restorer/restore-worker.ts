import { closeSync, constants, fsyncSync, openSync } from 'node:fs';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { hasPosixCode } from '../posix/posix-error.ts';
import { syncFileSystem } from '../posix/sync-file-system.ts';
import { openBlob } from '../open-blob.ts';
import { openStorageLazily } from '../storage/open-storage-lazily.ts';
import { sendNotice, serveRequests, throwIfStopped, workerInput } from '../worker/serve-requests.ts';
import { compareContent } from './compare-content.ts';
import { ContentReader } from './content-reader.ts';
import { fetchWanted, fetchWantedSize, type FetchedWanted } from './fetch-wanted.ts';
import { FileSurveyor } from './file-surveyor.ts';
import { FileWriter } from './file-writer.ts';
import type {
  RestoreNotice,
  RestoreRequest,
  RestoreResponse,
  RestoreWorkerData,
  WantedBlob,
} from './restore-messages.ts';
import { TargetFileStates } from './target-file-states.ts';
import { targetError, TargetFolders } from './target-folders.ts';
import { decodeWantedBlobs } from './wanted-blobs.ts';

const { storage: description, key, target, operation } = (await workerInput()) as RestoreWorkerData;
const storage = await openStorageLazily(description);
const folders = new TargetFolders(Buffer.from(target));
const reader = new ContentReader();
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
const countBytes = (read: number) => {
  bytes += read;
  tell(false);
};

type Answer = { -readonly [Field in keyof RestoreResponse]: RestoreResponse[Field] };
const nothing: RestoreResponse = { damaged: [], faults: [], differing: [], surveys: [], fetched: 0, synced: true };

/** Blobs of a pack that are on their way. */
interface PackFetch {
  readonly blobs: readonly WantedBlob[];
  readonly fetching: AsyncGenerator<readonly FetchedWanted[]>;
}

serveRequests<RestoreRequest, RestoreResponse, PackFetch | null>(
  async (request, fetch) => {
    const answer = await serve(request, fetch);
    tell(true);
    return { ...nothing, ...answer };
  },
  (request) => (request.kind === 'pack' ? beginFetch(request) : null),
);

async function serve(request: RestoreRequest, fetch: PackFetch | null): Promise<Partial<Answer>> {
  switch (request.kind) {
    case 'pack':
      if (fetch === null) throw new PlatformError('INTERNAL', 'blobs of a pack were not asked for');
      return writePack(request, fetch);
    case 'finish':
      return finish(request);
    case 'compare':
      return compare(request.files);
    case 'survey':
      return survey(request);
    case 'sync':
      return sync(request.folders);
    case 'flush':
      return flush(request.places);
  }
}

type PackRequest = RestoreRequest & { readonly kind: 'pack' };

function beginFetch({ pack, blobs: encoded }: PackRequest): PackFetch {
  const blobs = decodeWantedBlobs(encoded);
  return { blobs, fetching: fetchWanted(storage, pack, blobs) };
}

async function writePack(request: PackRequest, { blobs, fetching }: PackFetch): Promise<Partial<Answer>> {
  const damaged: RestoreResponse['damaged'][number][] = [];
  const faults: RestoreResponse['faults'][number][] = [];
  const differing: RestoreResponse['differing'][number][] = [];
  const writer = new FileWriter(folders, operation, new TargetFileStates(request.states), reader, (file, reason) => {
    differing.push({ file: file.number, reason });
  });
  try {
    for await (const fetched of fetching) {
      for (const { wanted, sealed } of fetched) {
        throwIfStopped();
        const opened = typeof sealed === 'string' ? sealed : openBlob(key, wanted.blob, sealed, true);
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
    }
  } finally {
    writer.closeFiles();
  }
  return { damaged, faults, differing, fetched: fetchWantedSize(blobs) };
}

/** Files that no blob is to be written to. */
function finish(request: RestoreRequest & { readonly kind: 'finish' }): Partial<Answer> {
  const faults: RestoreResponse['faults'][number][] = [];
  const writer = new FileWriter(folders, operation, new TargetFileStates(request.states), reader, () => undefined);
  try {
    for (const file of request.files) {
      throwIfStopped();
      for (const fault of writer.finish(file)) faults.push({ file: file.number, fault });
      files += 1;
    }
  } finally {
    writer.closeFiles();
  }
  return { faults };
}

function compare(expected: (RestoreRequest & { readonly kind: 'compare' })['files']): Partial<Answer> {
  const differing: RestoreResponse['differing'][number][] = [];
  for (const wanted of expected) {
    throwIfStopped();
    const { file } = wanted;
    const reason = compareContent(reader, folders.place(file.folder, file.name), wanted, countBytes);
    if (reason !== null) differing.push({ file: file.number, reason });
    files += 1;
  }
  return { differing };
}

function survey(request: RestoreRequest & { readonly kind: 'survey' }): Partial<Answer> {
  const { inPlace, collect } = request;
  const surveys: RestoreResponse['surveys'][number][] = [];
  const surveyor = new FileSurveyor(folders, operation, new TargetFileStates(request.states), reader, countBytes);
  for (const file of request.files) {
    throwIfStopped();
    surveys.push(surveyor.survey(file, { inPlace, collect }));
    files += 1;
  }
  return { surveys };
}

function sync(roots: readonly Uint8Array[]): Partial<Answer> {
  for (const folder of roots) {
    try {
      syncFileSystem(folders.descriptor(folder), Buffer.from(target));
    } catch (error) {
      if (hasPosixCode(error, 'ENOSYS')) return { synced: false };
      throw targetError(error, Buffer.from(target));
    }
  }
  return { synced: true };
}

function flush(places: (RestoreRequest & { readonly kind: 'flush' })['places']): Partial<Answer> {
  for (const { folder, name } of places) {
    throwIfStopped();
    const path = folders.place(folder, name);
    try {
      const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      try {
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
    } catch (error) {
      throw targetError(error, Buffer.from(name));
    }
  }
  return {};
}
