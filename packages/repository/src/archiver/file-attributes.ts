import { listExtendedAttributes, type ExtendedAttribute } from '../posix/extended-attributes.ts';
import { hasPosixCode } from '../posix/posix-error.ts';
import { reasonOf } from './open-file.ts';

/** Extended attributes, or why they are missing. */
export interface FoundAttributes {
  readonly extendedAttributes: readonly ExtendedAttribute[];
  readonly attributeFault: string | null;
}

/** Reads the extended attributes of a file. Where the platform has no such call, no file has any that could be lost. */
export function findAttributes(path: Buffer): FoundAttributes {
  try {
    return { extendedAttributes: listExtendedAttributes(path), attributeFault: null };
  } catch (error) {
    return { extendedAttributes: [], attributeFault: hasPosixCode(error, 'ENOSYS') ? null : reasonOf(error) };
  }
}
