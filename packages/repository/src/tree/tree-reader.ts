import { PlatformError } from '@enterprise-backup/contracts/errors';
import { isDamage } from '../damage.ts';
import type { BlobId } from '../format/blob.ts';
import { decodeTree, type TreeNode } from '../format/tree.ts';
import type { BlobIndex, BlobLocation } from '../index/blob-index.ts';
import { describeBlob, openBlob } from '../open-blob.ts';
import type { Repository } from '../repository.ts';
import { PackWindows } from './pack-windows.ts';

/** Where trees are read from. */
export interface TreeSource {
  /** The nodes of a folder. Throws BLOB_MISSING, TREE_DAMAGED, or TREE_HOSTILE for a name that no file system can have. */
  read(id: BlobId): Promise<readonly TreeNode[]>;
}

/** Reads trees of a repository. */
export class TreeReader implements TreeSource {
  readonly #repository: Pick<Repository, 'storage' | 'key'>;
  readonly #index: BlobIndex;
  readonly #packs: PackWindows;

  constructor(repository: Pick<Repository, 'storage' | 'key'>, index: BlobIndex) {
    this.#repository = repository;
    this.#index = index;
    this.#packs = new PackWindows(repository.storage);
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
      const { pack, offset, length } = location;
      return openBlob(this.#repository.key, location, await this.#packs.read(pack, offset, length));
    } catch (error) {
      if (isDamage(error)) return error.message;
      throw error;
    }
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
