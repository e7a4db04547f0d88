/** The functions that sealing is made of. They throw for a key, a counter or an output of another size. */
export interface Primitives {
  /**
   * AES-256 in counter mode (NIST SP 800-38A, section 6.5) under a key of 32 bytes, from a first counter of 16 bytes. The output
   * is as long as the input. Encrypts what is plain and decrypts what is encrypted.
   */
  readonly aes256Ctr: (key: Uint8Array, counter: Uint8Array, input: Uint8Array, output: Uint8Array) => void;
  /** AES-128 of one block under a key, 16 bytes each, into 16 bytes of output. */
  readonly aes128Block: (key: Uint8Array, block: Uint8Array, output: Uint8Array) => void;
  /** Poly1305 (RFC 8439, section 2.5) of `message` under a 32-byte key `r || s`; r is clamped here. 16 bytes into `tag`. */
  readonly poly1305: (key: Uint8Array, message: Uint8Array, tag: Uint8Array) => void;
}
