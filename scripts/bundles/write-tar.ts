/** A file of an archive. */
export interface TarFile {
  /** Path in the archive, with `/` between folders. */
  readonly path: string;
  readonly content: Buffer;
  readonly isExecutable: boolean;
}

const BLOCK = 512;
/** 1980-01-01: the same for all files, and late enough that tar does not warn. */
const MODIFIED_AT_SECONDS = 315_532_800;

const octal = (value: number, length: number): string => `${value.toString(8).padStart(length - 1, '0')}\0`;

/** A name of more than 100 bytes is cut at a slash, and its beginning goes into the field `prefix`. */
const splitPath = (path: string): readonly [prefix: string, name: string] => {
  if (Buffer.byteLength(path) <= 100) return ['', path];
  for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) {
    const [prefix, name] = [path.slice(0, at), path.slice(at + 1)];
    if (name !== '' && Buffer.byteLength(name) <= 100 && Buffer.byteLength(prefix) <= 155) return [prefix, name];
  }
  throw new Error(`the path ${path} is too long for a tar archive`);
};

/** A header as POSIX describes it for ustar, owned by root: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html */
const header = (path: string, mode: number, size: number, type: '0' | '5'): Buffer => {
  const [prefix, name] = splitPath(path);
  const block = Buffer.alloc(BLOCK);
  block.write(name, 0);
  block.write(octal(mode, 8), 100);
  block.write(octal(0, 8), 108);
  block.write(octal(0, 8), 116);
  block.write(octal(size, 12), 124);
  block.write(octal(MODIFIED_AT_SECONDS, 12), 136);
  block.write(' '.repeat(8), 148);
  block.write(type, 156);
  block.write('ustar\0' + '00', 257);
  block.write('root', 265);
  block.write('root', 297);
  block.write(prefix, 345);
  block.write(
    `${block
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  );
  return block;
};

const foldersOf = (files: readonly TarFile[]): string[] => {
  const folders = new Set<string>();
  for (const { path } of files) {
    for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) folders.add(path.slice(0, at + 1));
  }
  return [...folders];
};

/**
 * The parts of a tar archive of `files` and their folders, sorted by path. Owner, modes and times do not depend on the
 * machine, so the same files give the same bytes. Throws Error for a path of more than 255 bytes.
 */
export const tarParts = function* (files: readonly TarFile[]): Generator<Buffer> {
  const entries = [
    ...foldersOf(files).map((path) => ({ path, file: null })),
    ...files.map((file) => ({ path: file.path, file })),
  ].toSorted((one, other) => Buffer.compare(Buffer.from(one.path), Buffer.from(other.path)));
  for (const { path, file } of entries) {
    if (file === null) {
      yield header(path, 0o755, 0, '5');
      continue;
    }
    yield header(path, file.isExecutable ? 0o755 : 0o644, file.content.length, '0');
    yield file.content;
    yield Buffer.alloc((BLOCK - (file.content.length % BLOCK)) % BLOCK);
  }
  yield Buffer.alloc(2 * BLOCK);
};
