import * as z from 'zod';

/** Content of the file `config`: sealed, never compressed. Unknown fields are ignored (rustic writes some). */
const configFile = z.object({
  version: z.int(),
  id: z.string().regex(/^[0-9a-f]{64}$/),
  chunker_polynomial: z.string().regex(/^[0-9a-f]{1,16}$/),
});

/** A repository's settings, fixed when it is created. */
export interface RepositoryConfig {
  readonly version: number;
  readonly id: string;
  /** Polynomial of the chunker, of degree 53. */
  readonly polynomial: bigint;
}

/** Encodes a config as restic writes it. */
export function encodeConfig(config: RepositoryConfig): Buffer {
  const { version, id, polynomial } = config;
  return Buffer.from(`${JSON.stringify({ version, id, chunker_polynomial: polynomial.toString(16) })}\n`);
}

/** Decodes a config. Returns null when a field is missing or wrong. */
export function decodeConfig(json: Buffer): RepositoryConfig | null {
  try {
    const parsed = configFile.safeParse(JSON.parse(json.toString('utf8')));
    if (!parsed.success) return null;
    const { version, id, chunker_polynomial: polynomial } = parsed.data;
    return { version, id, polynomial: BigInt(`0x${polynomial}`) };
  } catch {
    return null;
  }
}
