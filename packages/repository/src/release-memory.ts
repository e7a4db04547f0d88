/**
 * Gives the memory of a buffer back at once, if the buffer has it to itself; otherwise it does nothing. Memory outside of the
 * heap piles up until the heap is collected, which nothing but the heap's own growth hastens. The buffer is empty afterwards.
 */
export function releaseMemory({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}
