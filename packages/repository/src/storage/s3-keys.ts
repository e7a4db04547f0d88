import { isStoredName, type FileType } from './storage.ts';

/** Keys of a repository's files: those that restic uses, below the prefix of the location. */
export class S3Keys {
  readonly #prefix: string;

  /** `prefix` without slashes at its ends; may be empty. */
  constructor(prefix: string) {
    this.#prefix = prefix === '' ? '' : `${prefix}/`;
  }

  /** The key of a file: `<prefix>/config`, `<prefix>/data/ab/ab12…`, `<prefix>/keys/12ab…`. */
  of(type: FileType, name: string): string {
    if (type === 'config') return `${this.#prefix}config`;
    return type === 'data' ? `${this.#prefix}data/${name.slice(0, 2)}/${name}` : `${this.#prefix}${type}/${name}`;
  }

  /** What the keys of all files of a kind start with. */
  start(type: FileType): string {
    return type === 'config' ? this.of('config', '') : `${this.#prefix}${type}/`;
  }

  /** The name of the file of this kind that has the key; null when it is no key of a repository. */
  nameOf(type: FileType, key: string): string | null {
    const name = key.slice(key.lastIndexOf('/') + 1);
    return isStoredName(name) && key === this.of(type, name) ? name : null;
  }
}
