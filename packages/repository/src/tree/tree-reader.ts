import { PlatformError } from '@enterprise-backup/contracts/errors';
import { isDamage } from '../damage.ts';
import type { BlobId, PackId } from '../format/blob.ts';
import { decodeTree, type TreeNode } from '../format/tree.ts';
import type { BlobIndex, BlobLocation } from '../index/blob-index.ts';
import { describeBlob, openBlob, type Repository } from '../repository.ts';

/** Packs with trees are read whole and kept, newest first: neighbouring folders lie in the same pack. */
const packsKept = 3;
const largestPackKept = 24 * 1024 * 1024;

/** Where trees are read from. */
export interface TreeSource {
  /** The nodes of a folder. Throws BLOB_MISSING, TREE_DAMAGED, or TREE_HOSTILE for a name that no file system can have. */
  read(id: BlobId): Promise<readonly TreeNode[]>;
}

/** Reads trees of a repository. */
export class TreeReader implements TreeSource {
  readonly #repository: Repository;
  readonly #index: BlobIndex;
  readonly #packs = new Map<PackId, Promise<Buffer | null>>();

  constructor(repository: Repository, index: BlobIndex) {
    this.#repository = repository;
    this.#index = index;
  }

  async read(id: BlobId): Promise<readonly TreeNode[]> {
    return decodeNodes(id, await this.readPlaintext(id));
  }

  /**
   * The bytes of a tree, which need not be a valid one. Tries each copy of the blob, as restic does, before it counts as
   * damaged. Throws BLOB_MISSING or TREE_DAMAGED.
   */
  async readPlaintext(id: BlobId): Promise<Buffer> {
    const locations = this.#index.findAll('tree', id);
    let fault = 'no index lists it';
    for (const location of locations) {
      const opened = await this.#open(location);
      if (typeof opened !== 'string') return opened;
      fault = opened;
    }
    const code = locations.length === 0 ? 'BLOB_MISSING' : 'TREE_DAMAGED';
    throw new PlatformError(code, `${describeBlob('tree', id)} cannot be read: ${fault}`);
  }

  /** Returns why a copy cannot be used, as the end of a sentence, when its pack is gone, too short or damaged. */
  async #open(location: BlobLocation): Promise<Buffer | string> {
    try {
      return openBlob(this.#repository.key, location, await this.#readSealed(location));
    } catch (error) {
      if (isDamage(error)) return error.message;
      throw error;
    }
  }

  async #readSealed({ pack, offset, length }: BlobLocation): Promise<Buffer> {
    const { storage } = this.#repository;
    let whole = this.#packs.get(pack);
    if (whole === undefined) {
      whole = storage
        .stat('data', pack)
        .then((file) => (file !== null && file.size <= largestPackKept ? storage.get('data', pack) : null));
      // A failure is not kept: the next try may succeed.
      whole.catch(() => this.#packs.delete(pack));
      if (this.#packs.size >= packsKept) this.#packs.delete(this.#packs.keys().next().value ?? pack);
    } else {
      this.#packs.delete(pack);
    }
    this.#packs.set(pack, whole);
    const data = await whole;
    if (data === null) return storage.get('data', pack, { offset, length });
    return data.subarray(offset, offset + length);
  }
}

/** Decodes the plaintext of a tree. Throws TREE_DAMAGED, or TREE_HOSTILE for a name that no file system can have. */
export function decodeNodes(id: BlobId, plaintext: Buffer): readonly TreeNode[] {
  const decoded = decodeTree(plaintext);
  if (!('fault' in decoded)) return decoded;
  throw new PlatformError(
    decoded.hostile ? 'TREE_HOSTILE' : 'TREE_DAMAGED',
    `the tree ${id} is wrong: ${decoded.fault}`,
  );
}
