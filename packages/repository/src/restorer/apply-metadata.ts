import { chmodSync, fchmodSync, fchownSync, fstatSync, lchownSync, lstatSync } from 'node:fs';
import { reasonOf } from '../archiver/open-file.ts';
import { listExtendedAttributes, removeExtendedAttribute, setExtendedAttribute } from '../posix/extended-attributes.ts';
import type { FileReference } from '../posix/file-reference.ts';
import { setFileTimes } from '../posix/file-times.ts';
import type { Metadata } from './restore-plan.ts';

/** Something that could not be set; the content is right all the same. */
export interface MetadataFault {
  readonly code: 'ATTRIBUTE_NOT_SET' | 'OWNER_NOT_SET' | 'MODE_NOT_SET' | 'TIME_NOT_SET' | 'DEVICE_NOT_CREATED';
  readonly message: string;
}

/**
 * Sets, on a path or an open file, owner, mode, extended attributes and times, in the order in which none undoes another: chown clears setuid and
 * capabilities, an ACL changes the mode bits, and everything changes times. Returns what could not be set.
 * A file that does not get its owner does not get setuid or setgid either.
 */
export function applyMetadata(file: FileReference, metadata: Metadata, kind: 'link' | 'other'): MetadataFault[] {
  const faults: MetadataFault[] = [];
  const attempt = (code: MetadataFault['code'], what: string, set: () => void): boolean => {
    try {
      set();
      return true;
    } catch (error) {
      faults.push({ code, message: `${what} cannot be set: ${reasonOf(error)}` });
      return false;
    }
  };
  const before = typeof file === 'number' ? fstatSync(file) : lstatSync(file);
  const owned =
    (before.uid === metadata.uid && before.gid === metadata.gid) ||
    attempt('OWNER_NOT_SET', `the owner ${metadata.uid}:${metadata.gid}`, () => {
      if (typeof file === 'number') fchownSync(file, metadata.uid, metadata.gid);
      else lchownSync(file, metadata.uid, metadata.gid);
    });
  if (kind === 'other') {
    attempt('MODE_NOT_SET', 'the mode', () => {
      const mode = owned ? metadata.mode : metadata.mode & 0o1777;
      if (typeof file === 'number') fchmodSync(file, mode);
      else chmodSync(file, mode);
    });
  }
  applyAttributes(file, metadata, attempt);
  attempt('TIME_NOT_SET', 'the time', () => {
    setFileTimes(file, metadata.atimeNs, metadata.mtimeNs);
  });
  return faults;
}

function applyAttributes(
  file: FileReference,
  metadata: Metadata,
  attempt: (code: 'ATTRIBUTE_NOT_SET', what: string, set: () => void) => boolean,
): void {
  for (const { name, value } of metadata.attributes) {
    attempt('ATTRIBUTE_NOT_SET', `the attribute ${Buffer.from(name).toString()}`, () => {
      setExtendedAttribute(file, Buffer.from(name), Buffer.from(value));
    });
  }
  // A new file inherits the default ACL of its folder: what the point does not have must not stay.
  try {
    const present = listExtendedAttributes(file);
    if (present.length === 0) return;
    const wanted = new Set(metadata.attributes.map(({ name }) => Buffer.from(name).toString('latin1')));
    for (const { name } of present) {
      if (!wanted.has(name.toString('latin1')) && !name.toString('latin1').startsWith('security.')) {
        removeExtendedAttribute(file, name);
      }
    }
  } catch {
    // Attributes that cannot be listed or removed were not set by the restore: the comparison shows them.
  }
}
