import { constants } from 'node:os';
import { cPath, libc, type Libc } from './libc.ts';
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
  readonly list: (path: Buffer, names: Buffer | null, size: number) => number;
  readonly get: (path: Buffer, name: Buffer, value: Buffer | null, size: number) => number;
  readonly set: (path: Buffer, name: Buffer, value: Buffer, size: number) => number;
  readonly remove: (path: Buffer, name: Buffer) => number;
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
export function listExtendedAttributes(path: Buffer): readonly ExtendedAttribute[] {
  const { list, errno } = calls('llistxattr', path);
  const file = cPath('llistxattr', path);
  if (names.length === 0) names = Buffer.alloc(INITIAL_BUFFER_BYTES);
  let length = list(file, names, names.length);
  while (length < 0 && errno() === ERANGE) {
    const needed = list(file, null, 0);
    if (needed > names.length) names = Buffer.alloc(needed);
    length = list(file, names, names.length);
  }
  if (length < 0) {
    if (errno() === ENOTSUP) return NONE;
    throw new PosixError('llistxattr', errno(), path);
  }
  if (length === 0) return NONE;

  const attributes: ExtendedAttribute[] = [];
  for (let start = 0; start < length;) {
    const end = names.indexOf(0, start);
    const content = readValue(file, names.subarray(start, end + 1), path);
    if (content !== null) attributes.push({ name: Buffer.from(names.subarray(start, end)), value: content });
    start = end + 1;
  }
  return attributes;
}

/** Null when the attribute is gone. `name` ends with a zero byte. */
function readValue(file: Buffer, name: Buffer, path: Buffer): Buffer | null {
  const { get, errno, absent } = calls('lgetxattr', path);
  if (value.length === 0) value = Buffer.alloc(INITIAL_BUFFER_BYTES);
  let length = get(file, name, value, value.length);
  while (length < 0 && errno() === ERANGE) {
    const needed = get(file, name, null, 0);
    if (needed > value.length) value = Buffer.alloc(needed);
    length = get(file, name, value, value.length);
  }
  if (length >= 0) return Buffer.from(value.subarray(0, length));
  if (errno() === absent || errno() === ENOTSUP) return null;
  throw new PosixError('lgetxattr', errno(), path);
}

/**
 * Sets one attribute of the file, folder or link itself, replacing its value when it is there.
 *
 * Throws PosixError: ENOTSUP where the file system has no such attributes, EPERM where this user or this kind of file may
 * not have it (`user.*` on a link), ENOSPC, E2BIG; ENOSYS where `extendedAttributesSupported` is false.
 */
export function setExtendedAttribute(path: Buffer, name: Buffer, content: Buffer): void {
  const { set, errno } = calls('lsetxattr', path);
  if (set(cPath('lsetxattr', path), cName('lsetxattr', name, path), content, content.length) < 0) {
    throw new PosixError('lsetxattr', errno(), path);
  }
}

/** Removes one attribute of the file, folder or link itself; an absent one is success. Throws PosixError. */
export function removeExtendedAttribute(path: Buffer, name: Buffer): void {
  const { remove, errno, absent } = calls('lremovexattr', path);
  if (remove(cPath('lremovexattr', path), cName('lremovexattr', name, path)) < 0) {
    if (errno() === absent) return;
    throw new PosixError('lremovexattr', errno(), path);
  }
}

function cName(syscall: string, name: Buffer, path: Buffer): Buffer {
  if (name.includes(0)) throw new PosixError(syscall, EINVAL, path);
  return Buffer.concat([name, Buffer.alloc(1)]);
}

function calls(syscall: string, path: Buffer): Calls {
  const found = bind();
  if (found === null) throw new PosixError(syscall, ENOSYS, path);
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

function bindLinux(library: Libc): Calls | null {
  const list = library.find('llistxattr', 'intptr_t', ['void *', 'void *', 'size_t']);
  const get = library.find('lgetxattr', 'intptr_t', ['void *', 'void *', 'void *', 'size_t']);
  const set = library.find('lsetxattr', 'int', ['void *', 'void *', 'void *', 'size_t', 'int']);
  const remove = library.find('lremovexattr', 'int', ['void *', 'void *']);
  if (list === null || get === null || set === null || remove === null) return null;
  return {
    list,
    get,
    set: (path, name, content, size) => set(path, name, content, size, 0),
    remove,
    errno: () => library.errno(),
    absent: ENODATA,
  };
}

function bindMacos(library: Libc): Calls | null {
  const list = library.find('listxattr', 'intptr_t', ['void *', 'void *', 'size_t', 'int']);
  const get = library.find('getxattr', 'intptr_t', ['void *', 'void *', 'void *', 'size_t', 'uint32_t', 'int']);
  const set = library.find('setxattr', 'int', ['void *', 'void *', 'void *', 'size_t', 'uint32_t', 'int']);
  const remove = library.find('removexattr', 'int', ['void *', 'void *', 'int']);
  if (list === null || get === null || set === null || remove === null) return null;
  return {
    list: (path, buffer, size) => list(path, buffer, size, MACOS_XATTR_NOFOLLOW),
    get: (path, name, buffer, size) => get(path, name, buffer, size, 0, MACOS_XATTR_NOFOLLOW),
    set: (path, name, content, size) => set(path, name, content, size, 0, MACOS_XATTR_NOFOLLOW),
    remove: (path, name) => remove(path, name, MACOS_XATTR_NOFOLLOW),
    errno: () => library.errno(),
    absent: MACOS_ENOATTR,
  };
}
