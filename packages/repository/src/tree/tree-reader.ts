import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { BlobId, PackId } from '../format/blob.ts';
import { decodeTree, type TreeNode } from '../format/tree.ts';
import type { BlobIndex, BlobLocation } from '../index/blob-index.ts';
import { describeBlob, openBlob, type Repository } from '../repository.ts';

/** Packs with trees are read whole and kept, newest first: neighbouring folders lie in the same pack. */
const packsKept = 3;
const largestPackKept = 24 * 1024 * 1024;

/** Reads trees of a repository. */
export class TreeReader {
  readonly #repository: Repository;
  readonly #index: BlobIndex;
  readonly #packs = new Map<PackId, Promise<Buffer | null>>();

  constructor(repository: Repository, index: BlobIndex) {
    this.#repository = repository;
    this.#index = index;
  }

  /** The nodes of a folder. Throws BLOB_MISSING, TREE_DAMAGED, or TREE_HOSTILE for a name that no file system can have. */
  async read(id: BlobId): Promise<readonly TreeNode[]> {
    const decoded = decodeTree(await this.#readPlaintext(id));
    if (!('fault' in decoded)) return decoded;
    throw new PlatformError(
      decoded.hostile ? 'TREE_HOSTILE' : 'TREE_DAMAGED',
      `the tree ${id} is wrong: ${decoded.fault}`,
    );
  }

  /** Tries each copy of the blob, as restic does, before it counts as damaged. */
  async #readPlaintext(id: BlobId): Promise<Buffer> {
    const locations = this.#index.findAll('tree', id);
    let fault = 'no index lists it';
    for (const location of locations) {
      const opened = openBlob(this.#repository.key, location, await this.#readSealed(location));
      if (typeof opened !== 'string') return opened;
      fault = opened;
    }
    const code = locations.length === 0 ? 'BLOB_MISSING' : 'TREE_DAMAGED';
    throw new PlatformError(code, `${describeBlob('tree', id)} cannot be read: ${fault}`);
  }

  async #readSealed({ pack, offset, length }: BlobLocation): Promise<Buffer> {
    const { storage } = this.#repository;
    let whole = this.#packs.get(pack);
    if (whole === undefined) {
      whole = storage
        .stat('data', pack)
        .then((file) => (file !== null && file.size <= largestPackKept ? storage.get('data', pack) : null));
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
