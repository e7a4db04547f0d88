import { hash } from 'node:crypto';
import type { Clock } from '@enterprise-backup/contracts/clock';
import { checkPack } from '../checker/check-pack.ts';
import { isDamage } from '../damage.ts';
import type { PackContents } from '../format/blob.ts';
import { BlobIndex } from '../index/blob-index.ts';
import { surveyIndex } from '../index/index-survey.ts';
import { Pauses, throwIfAborted } from '../pauses.ts';
import { ProgressReporter, type ProgressListener } from '../progress-reporter.ts';
import { readSnapshots } from '../readable-snapshots.ts';
import { openRepository } from '../open-repository.ts';
import type { Storage } from '../storage/storage.ts';
import { TreeReader } from '../tree/tree-reader.ts';

export interface KeyDrillOptions {
  /** Packs that are read whole; 3 by default. */
  readonly packs?: number;
  /** Folders that are read; 20 by default. */
  readonly trees?: number;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a drill has proven. */
export interface KeyDrillResult {
  readonly repository_id: string;
  /** Id of the key that the password opened. */
  readonly key_id: string;
  readonly snapshots_decrypted: number;
  readonly trees_decrypted: number;
  readonly packs_decrypted: number;
  readonly blobs_decrypted: number;
  readonly bytes_read: number;
  /** What could not be decrypted, as sentences. */
  readonly failures: readonly string[];
  readonly duration_seconds: number;
}

/**
 * Proves that a stored password opens a repository and decrypts what is in it: it opens the repository anew, reads every
 * snapshot, some folders of the newest ones, and some packs to the last byte. Which packs depends on the time, so that
 * drills come around. It takes no lock and writes nothing: the right to read is enough.
 *
 * Throws PASSWORD_WRONG and all else that opening throws, CANCELLED or a STORAGE_ error. Damage is among the failures.
 */
export async function drillKey(
  storage: Storage,
  password: string,
  clock: Clock,
  options: KeyDrillOptions = {},
): Promise<KeyDrillResult> {
  const startedAt = clock.now();
  const signal = options.signal ?? new AbortController().signal;
  const progress = new ProgressReporter(clock, options.onProgress);
  progress.enter('opening');
  const repository = await openRepository(storage, password, clock);
  const failures: string[] = [];
  const { entries, unreadable } = await readSnapshots(repository, signal);
  failures.push(...unreadable.map(({ reason }) => reason));
  const index = BlobIndex.create();
  // Only the chosen packs are kept, others each time.
  const chosen = new ChosenPacks(startedAt.toISOString(), options.packs ?? 3);
  const survey = await surveyIndex(repository, (pack) => {
    index.addPack(pack);
    chosen.add(pack);
  });
  failures.push(...survey.unreadable.map(({ reason }) => reason));

  progress.enter('verifying');
  const trees = new TreeReader(repository, index);
  const pauses = new Pauses(signal);
  const newest = entries.sort((left, right) => (left.snapshot.time < right.snapshot.time ? 1 : -1));
  const queue = newest.map(({ snapshot }) => snapshot.tree);
  const seen = new Set(queue);
  let treesRead = 0;
  for (const tree of queue) {
    if (treesRead >= (options.trees ?? 20)) break;
    await pauses.pauseIfDue();
    try {
      for (const { subtree } of await trees.read(tree)) {
        if (subtree === null || seen.has(subtree)) continue;
        seen.add(subtree);
        queue.push(subtree);
      }
      treesRead += 1;
    } catch (error) {
      if (!isDamage(error)) throw error;
      failures.push(error.message);
    }
  }

  let packs = 0;
  let blobs = 0;
  let bytesRead = 0;
  for (const pack of chosen.list()) {
    throwIfAborted(signal);
    const read = await readPack(storage, pack);
    if (typeof read === 'string') {
      failures.push(read);
      continue;
    }
    const faults = await checkPack(repository.key, pack, read);
    const [fault] = [...faults.faults, ...faults.blobs.map(({ reason }) => reason)];
    bytesRead += read.byteLength;
    progress.add(read.byteLength, 1);
    if (fault === undefined) {
      packs += 1;
      blobs += pack.blobs.length;
    } else failures.push(`the pack ${pack.id} is damaged: ${fault}`);
  }
  progress.enter('done');
  return {
    repository_id: repository.id,
    key_id: repository.keyName,
    snapshots_decrypted: entries.length,
    trees_decrypted: treesRead,
    packs_decrypted: packs,
    blobs_decrypted: blobs,
    bytes_read: bytesRead,
    failures,
    duration_seconds: (clock.now().getTime() - startedAt.getTime()) / 1000,
  };
}

async function readPack(storage: Storage, { id }: PackContents): Promise<Buffer | string> {
  try {
    return await storage.get('data', id);
  } catch (error) {
    if (isDamage(error)) return `the pack ${id} is missing`;
    throw error;
  }
}

/** Some packs, chosen by a seed: each as likely as any other. */
class ChosenPacks {
  readonly #seed: string;
  readonly #limit: number;
  #packs: { readonly turn: string; readonly pack: PackContents }[] = [];

  constructor(seed: string, limit: number) {
    this.#seed = seed;
    this.#limit = limit;
  }

  add(pack: PackContents): void {
    this.#packs.push({ turn: hash('sha256', `${this.#seed} ${pack.id}`, 'hex'), pack });
    if (this.#packs.length > this.#limit * 2 + 16) this.#trim();
  }

  list(): readonly PackContents[] {
    this.#trim();
    return this.#packs.map(({ pack }) => pack);
  }

  #trim(): void {
    this.#packs.sort((left, right) => (left.turn < right.turn ? -1 : 1));
    this.#packs = this.#packs.slice(0, this.#limit);
  }
}
