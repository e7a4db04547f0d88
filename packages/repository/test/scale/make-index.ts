import { randomBytes } from 'node:crypto';
import { systemClock } from '@enterprise-backup/contracts/clock';
import { openRepository } from '../../src/open-repository.ts';
import { openStorage } from '../../src/storage/open-storage.ts';
import { password } from '../crafted-repository.ts';

/** Fills a repository's index with blobs that are nowhere else: `<location> <blobs>`. */
const [, , location = '', blobs = ''] = process.argv;
const blobsPerPack = 16;
const blobsPerFile = 50_000;
const repository = await openRepository(openStorage(location), password, systemClock);
for (let made = 0; made < Number(blobs); made += blobsPerFile) {
  const ids = randomBytes(blobsPerFile * 32).toString('hex');
  const packs: string[] = [];
  for (let blob = 0; blob < blobsPerFile; blob += blobsPerPack) {
    const entries: string[] = [];
    for (let at = blob; at < Math.min(blob + blobsPerPack, blobsPerFile); at += 1) {
      const id = ids.slice(at * 64, (at + 1) * 64);
      const offset = (at - blob) * 1_048_576 + (at % 1000);
      const type = blob % 1600 === 0 ? 'tree' : 'data';
      entries.push(
        `{"id":"${id}","type":"${type}","offset":${offset},"length":${900_000 + (at % 77_777)},"uncompressed_length":${1_000_000 + (at % 99_999)}}`,
      );
    }
    packs.push(`{"id":"${randomBytes(32).toString('hex')}","blobs":[${entries.join(',')}]}`);
  }
  await repository.saveUnpacked('index', Buffer.from(`{"packs":[${packs.join(',')}]}\n`));
}
