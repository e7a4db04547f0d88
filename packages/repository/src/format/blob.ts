import { hash } from 'node:crypto';

/** Data blobs hold parts of files, tree blobs hold folders. The type is part of a blob's identity. */
export type BlobType = 'data' | 'tree';

declare const brand: unique symbol;
/** Id of a blob: SHA-256 of its plaintext, as 64 lower-case hex digits. */
export type BlobId = string & { readonly [brand]: 'blob' };
/** Id of a pack: SHA-256 of the whole stored file, as 64 lower-case hex digits. */
export type PackId = string & { readonly [brand]: 'pack' };

const idDigits = 64;
/** 1 at the codes of the characters that ids are made of. */
const digitsOfIds = new Uint8Array(128);
for (const digit of '0123456789abcdef') digitsOfIds[digit.charCodeAt(0)] = 1;

/** Tells whether `value` has the form of an id. By a table: a regular expression takes three times as long. */
export function isId(value: unknown): value is string {
  if (typeof value !== 'string' || value.length !== idDigits) return false;
  for (let at = 0; at < idDigits; at += 1) {
    if (digitsOfIds[value.charCodeAt(at)] !== 1) return false;
  }
  return true;
}

/** Takes a checked string (see `isId`) as a blob's id. */
export const asBlobId = (id: string): BlobId => id as BlobId;
/** Takes a checked string (see `isId`) as a pack's id. */
export const asPackId = (id: string): PackId => id as PackId;

/** The 32 bytes of SHA-256 of `plaintext`: a blob's id in binary. */
export function hashBytes(plaintext: Uint8Array): Buffer {
  return hash('sha256', plaintext, 'buffer');
}

/** Where a blob lies in a pack. Lengths and offsets in bytes; `uncompressedLength` is 0 for a blob stored plain. */
export interface PackedBlob {
  readonly id: BlobId;
  readonly type: BlobType;
  readonly offset: number;
  readonly length: number;
  readonly uncompressedLength: number;
}

/** Blobs of a pack, however they are kept in memory. */
export interface BlobList extends Iterable<PackedBlob> {
  readonly length: number;
}

/** A pack and what it holds, as an index file lists it. */
export interface PackListing {
  readonly id: PackId;
  readonly blobs: BlobList;
}

/** A pack and what it holds, with an object for each blob. */
export interface PackContents extends PackListing {
  readonly blobs: readonly PackedBlob[];
}
