import { randomBytes } from 'node:crypto';
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import makeSodium, { type Sodium } from 'libsodium-sumo';

/** Under this name the threads that a thread starts find the compiled code. */
const codeName = 'enterprise-backup/libsodium';

/**
 * libsodium in WebAssembly. Left to itself its module decodes and compiles its code in each thread, which takes 20 ms and
 * 15 MB. Here the code is compiled once, and the threads that are started later get it as it is.
 */
export async function loadSodium(): Promise<Sodium> {
  const inherited = getEnvironmentData(codeName);
  const code = inherited instanceof WebAssembly.Module ? inherited : compileSodium(String(makeSodium));
  if (code !== null && code !== inherited) setEnvironmentData(codeName, code);
  const getRandomValue = () => randomBytes(4).readUInt32LE();
  const sodium = await makeSodium(
    code === null
      ? { getRandomValue }
      : {
          getRandomValue,
          instantiateWasm: (imports, receive) => {
            receive(new WebAssembly.Instance(code, imports));
            return {};
          },
        },
  );
  sodium._sodium_init();
  return sodium;
}

/**
 * Compiles the code that stands in the module's source as text in base64, which begins with WebAssembly's `\0asm`. Returns
 * null when the source holds none: a module of another make then does it all by itself.
 */
export function compileSodium(source: string): WebAssembly.Module | null {
  const begin = source.search(/["'`]AGFzb/);
  const end = source.indexOf(source.charAt(begin), begin + 1);
  if (begin < 0 || end < 0) return null;
  return new WebAssembly.Module(Buffer.from(source.slice(begin + 1, end), 'base64'));
}
