import { temporaryDirectory } from '@enterprise-backup/test-support/temporary-directory';
import { randomBytes } from 'node:crypto';
import { newCheapRepository } from '../cheap-key.ts';
import { makeCacheCodec } from './cache-codec.ts';
import { fuzz } from './codec.ts';
import { makeCodecs } from './codecs.ts';

/**
 * Gives each codec many inputs and prints how it went: `node fuzz-command.ts [inputs] [codec]`. SEED=… repeats a run. Ends
 * with the status 1 at the first input that breaks the rules, which is printed.
 */
const [, , inputs = '100000', only = ''] = process.argv;
const seed = process.env['SEED'] ?? randomBytes(4).toString('hex');
const directory = temporaryDirectory('fuzz');
process.on('exit', () => {
  directory.remove();
});
process.stdout.write(`SEED=${seed}, ${inputs} inputs each\n`);
const repository = await newCheapRepository(directory.path);
const codecs = [...makeCodecs(repository, directory.path), await makeCacheCodec(repository, directory.path)];
for (const codec of codecs) {
  if (only !== '' && codec.name !== only) continue;
  const { inputs: given, accepted, milliseconds, slowest } = await fuzz(codec, seed, Number(inputs));
  const rate = Math.round((given / milliseconds) * 1000);
  const megabytes = Math.round(process.memoryUsage.rss() / 1e6);
  const line = `${String(rate).padStart(8)} inputs/s, ${accepted} of ${given} taken, slowest ${slowest.toFixed(0)} ms, ${megabytes} MB RSS`;
  process.stdout.write(`${codec.name.padEnd(18)}${line}\n`);
}
