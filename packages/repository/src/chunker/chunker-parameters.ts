/** Smallest chunk in bytes; a file below it is one chunk. */
export const minimumChunk = 512 * 1024;
/** Largest chunk in bytes. */
export const maximumChunk = 8 * 1024 * 1024;
/** Bytes that a fingerprint covers. */
export const windowSize = 64;
/** Degree of the polynomial that fingerprints are remainders by. */
export const chunkerDegree = 53;
/** A chunk ends where these 20 bits of the fingerprint are zero: 1 MiB on average, beyond the minimum. */
export const boundaryMask = 0xf_ffff;
