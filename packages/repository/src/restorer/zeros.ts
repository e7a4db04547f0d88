const zeros = Buffer.alloc(64 * 1024);

/** Tells whether all bytes are zero. No bytes are. */
export function isZero(data: Buffer): boolean {
  if (data.byteLength > 0 && data[0] !== 0) return false;
  for (let at = 0; at < data.byteLength; at += zeros.byteLength) {
    const part = data.subarray(at, at + zeros.byteLength);
    if (Buffer.compare(part, zeros.subarray(0, part.byteLength)) !== 0) return false;
  }
  return true;
}
