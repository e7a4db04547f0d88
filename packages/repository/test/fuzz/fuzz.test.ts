import { temporaryDirectory } from '@enterprise-backup/test-support/temporary-directory';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newCheapRepository } from '../cheap-key.ts';
import { seed } from '../run-length.ts';
import { makeCacheCodec } from './cache-codec.ts';
import { fuzz, type Codec } from './codec.ts';
import { codecNames, makeCodecs } from './codecs.ts';

/** Inputs for each codec; `npm run fuzz` gives many more. */
const inputs = 3000;
/** What the codecs may leave in memory, in bytes, whatever they were given. */
const memoryBound = 512 * 1024 * 1024;

describe('whatever bytes a codec reads', () => {
  const directory = temporaryDirectory('fuzz');
  let codecs: readonly Codec[];

  beforeAll(async () => {
    const repository = await newCheapRepository(directory.path);
    codecs = [...makeCodecs(repository, directory.path), await makeCacheCodec(repository, directory.path)];
  });

  afterAll(() => {
    directory.remove();
  });

  it.each([...codecNames, 'cache of files'])('%s: it gives a value, or says that they are wrong', async (name) => {
    const codec = codecs.find((one) => one.name === name);
    if (codec === undefined) throw new Error('there is such a codec');
    const before = process.memoryUsage.rss();
    const { inputs: given, accepted } = await fuzz(codec, seed, inputs);
    expect(accepted).toBeGreaterThan(given / 200);
    expect(process.memoryUsage.rss() - before).toBeLessThan(memoryBound);
  });
});
