/** What the engine uses of libsodium's WebAssembly module, whose package declares no types. */
declare module 'libsodium-sumo' {
  /** The functions that one-time authentication is made of, and the memory that they work in. */
  export interface Sodium {
    readonly HEAPU8: Uint8Array;
    _malloc(size: number): number;
    _sodium_init(): number;
    _crypto_onetimeauth_statebytes(): number;
    _crypto_onetimeauth_init(state: number, key: number): number;
    _crypto_onetimeauth_update(state: number, message: number, length: number, lengthHigh: number): number;
    _crypto_onetimeauth_final(state: number, tag: number): number;
  }

  /** What the module may be given. Source: Emscripten's documentation of `Module`. */
  export interface SodiumSettings {
    /** 32 random bits. */
    readonly getRandomValue: () => number;
    /** Makes the instance in place of the module, and hands it to `receive`. */
    readonly instantiateWasm?: (
      imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
      receive: (instance: WebAssembly.Instance) => void,
    ) => object;
  }

  export default function makeSodium(settings: SodiumSettings): Promise<Sodium>;
}
