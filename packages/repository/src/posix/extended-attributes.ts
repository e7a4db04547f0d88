import { constants } from 'node:os';
import { pathOf, type FileReference } from './file-reference.ts';
import type { NativeFunction, NativeLibrary } from '../native-library.ts';
import { cPath, libc } from './libc.ts';
import { PosixError } from './posix-error.ts';

/** One extended attribute. Names and values are bytes; on Linux the name starts with its namespace, as in `user.origin`. */
export interface ExtendedAttribute {
  readonly name: Buffer;
  readonly value: Buffer;
}

const { EINVAL, ENODATA, ENOSYS, ENOTSUP, ERANGE } = constants.errno;
/** sys/errno.h and sys/xattr.h of macOS. */
const MACOS_ENOATTR = 93;
const MACOS_XATTR_NOFOLLOW = 1;

/** XATTR_LIST_MAX and XATTR_SIZE_MAX of linux/limits.h. macOS has longer values, for which the buffers grow. */
const INITIAL_BUFFER_BYTES = 65_536;

const NONE: readonly ExtendedAttribute[] = Object.freeze([]);

/** The four calls with one shape on every platform; none follows a symbolic link. */
interface Calls {
  readonly list: (file: FileReference, names: Buffer | null, size: number) => number;
  readonly get: (file: FileReference, name: Buffer, value: Buffer | null, size: number) => number;
  readonly set: (file: FileReference, name: Buffer, value: Buffer, size: number) => number;
  readonly remove: (file: FileReference, name: Buffer) => number;
  readonly errno: () => number;
  /** What `get` and `remove` report for an attribute that is not there. */
  readonly absent: number;
}

let bound: Calls | null | undefined;
let names = Buffer.alloc(0);
let value = Buffer.alloc(0);

/**
 * Whether extended attributes, and with them POSIX ACLs, can be read and set on this machine. False where koffi has no
 * binary; `libcAbsence` gives the reason. A file system without them is another matter: it reads as "none".
 */
export function extendedAttributesSupported(): boolean {
  return bind() !== null;
}

/**
 * Every extended attribute of the file, folder or link itself that this user may see, in the kernel's order. Empty where
 * the file system has none. POSIX ACLs are among them on Linux (`system.posix_acl_access`, `system.posix_acl_default`).
 * An attribute removed meanwhile is left out. A file without attributes, nearly every one, costs one system call.
 *
 * Throws PosixError: ENOENT, EACCES and so on; ENOSYS where `extendedAttributesSupported` is false.
 */
export function listExtendedAttributes(reference: FileReference): readonly ExtendedAttribute[] {
  const { list, errno } = calls('llistxattr', reference);
  const file = prepare('llistxattr', reference);
  if (names.length === 0) names = Buffer.alloc(INITIAL_BUFFER_BYTES);
  let length = list(file, names, names.length);
  while (length < 0 && errno() === ERANGE) {
    const needed = list(file, null, 0);
    if (needed > names.length) names = Buffer.alloc(needed);
    length = list(file, names, names.length);
  }
  if (length < 0) {
    if (errno() === ENOTSUP) return NONE;
    throw new PosixError('llistxattr', errno(), pathOf(reference));
  }
  if (length === 0) return NONE;

  const attributes: ExtendedAttribute[] = [];
  for (let start = 0; start < length;) {
    const end = names.indexOf(0, start);
    const content = readValue(file, names.subarray(start, end + 1), reference);
    if (content !== null) attributes.push({ name: Buffer.from(names.subarray(start, end)), value: content });
    start = end + 1;
  }
  return attributes;
}

/** Null when the attribute is gone. `name` ends with a zero byte. */
function readValue(file: FileReference, name: Buffer, reference: FileReference): Buffer | null {
  const { get, errno, absent } = calls('lgetxattr', reference);
  if (value.length === 0) value = Buffer.alloc(INITIAL_BUFFER_BYTES);
  let length = get(file, name, value, value.length);
  while (length < 0 && errno() === ERANGE) {
    const needed = get(file, name, null, 0);
    if (needed > value.length) value = Buffer.alloc(needed);
    length = get(file, name, value, value.length);
  }
  if (length >= 0) return Buffer.from(value.subarray(0, length));
  if (errno() === absent || errno() === ENOTSUP) return null;
  throw new PosixError('lgetxattr', errno(), pathOf(reference));
}

/**
 * Sets one attribute of the file, folder or link itself, replacing its value when it is there.
 *
 * Throws PosixError: ENOTSUP where the file system has no such attributes, EPERM where this user or this kind of file may
 * not have it (`user.*` on a link), ENOSPC, E2BIG; ENOSYS where `extendedAttributesSupported` is false.
 */
export function setExtendedAttribute(file: FileReference, name: Buffer, content: Buffer): void {
  const { set, errno } = calls('lsetxattr', file);
  if (set(prepare('lsetxattr', file), cName('lsetxattr', name, file), content, content.length) < 0) {
    throw new PosixError('lsetxattr', errno(), pathOf(file));
  }
}

/** Removes one attribute of the file, folder or link itself; an absent one is success. Throws PosixError. */
export function removeExtendedAttribute(file: FileReference, name: Buffer): void {
  const { remove, errno, absent } = calls('lremovexattr', file);
  if (remove(prepare('lremovexattr', file), cName('lremovexattr', name, file)) < 0) {
    if (errno() === absent) return;
    throw new PosixError('lremovexattr', errno(), pathOf(file));
  }
}

/** What the C library takes for a file: its descriptor, or its path with a zero byte. */
function prepare(syscall: string, file: FileReference): FileReference {
  return typeof file === 'number' ? file : cPath(syscall, file);
}

function cName(syscall: string, name: Buffer, file: FileReference): Buffer {
  if (name.includes(0)) throw new PosixError(syscall, EINVAL, pathOf(file));
  return Buffer.concat([name, Buffer.alloc(1)]);
}

function calls(syscall: string, file: FileReference): Calls {
  const found = bind();
  if (found === null) throw new PosixError(syscall, ENOSYS, pathOf(file));
  return found;
}

function bind(): Calls | null {
  if (bound === undefined) {
    const library = libc();
    if (library === null) bound = null;
    else bound = process.platform === 'darwin' ? bindMacos(library) : bindLinux(library);
  }
  return bound;
}

/** One call of the C library for paths and one for descriptors, of the same further parameters. */
function find(
  library: NativeLibrary,
  result: 'int' | 'intptr_t',
  [byPath, byDescriptor]: readonly [string, string],
  further: readonly string[],
): NativeFunction | null {
  const path = library.find(byPath, result, ['void *', ...further]);
  const descriptor = library.find(byDescriptor, result, ['int', ...further]);
  if (path === null || descriptor === null) return null;
  return (file, ...values) => (typeof file === 'number' ? descriptor(file, ...values) : path(file ?? null, ...values));
}

function bindLinux(library: NativeLibrary): Calls | null {
  const list = find(library, 'intptr_t', ['llistxattr', 'flistxattr'], ['void *', 'size_t']);
  const get = find(library, 'intptr_t', ['lgetxattr', 'fgetxattr'], ['void *', 'void *', 'size_t']);
  const set = find(library, 'int', ['lsetxattr', 'fsetxattr'], ['void *', 'void *', 'size_t', 'int']);
  const remove = find(library, 'int', ['lremovexattr', 'fremovexattr'], ['void *']);
  if (list === null || get === null || set === null || remove === null) return null;
  return {
    list,
    get,
    set: (file, name, content, size) => set(file, name, content, size, 0),
    remove,
    errno: () => library.errno(),
    absent: ENODATA,
  };
}

function bindMacos(library: NativeLibrary): Calls | null {
  const list = find(library, 'intptr_t', ['listxattr', 'flistxattr'], ['void *', 'size_t', 'int']);
  const get = find(library, 'intptr_t', ['getxattr', 'fgetxattr'], ['void *', 'void *', 'size_t', 'uint32_t', 'int']);
  const set = find(library, 'int', ['setxattr', 'fsetxattr'], ['void *', 'void *', 'size_t', 'uint32_t', 'int']);
  const remove = find(library, 'int', ['removexattr', 'fremovexattr'], ['void *', 'int']);
  if (list === null || get === null || set === null || remove === null) return null;
  // A descriptor leads through no link; with it, the flag is an error.
  const flag = (file: FileReference) => (typeof file === 'number' ? 0 : MACOS_XATTR_NOFOLLOW);
  return {
    list: (file, buffer, size) => list(file, buffer, size, flag(file)),
    get: (file, name, buffer, size) => get(file, name, buffer, size, 0, flag(file)),
    set: (file, name, content, size) => set(file, name, content, size, 0, flag(file)),
    remove: (file, name) => remove(file, name, flag(file)),
    errno: () => library.errno(),
    absent: MACOS_ENOATTR,
  };
}
