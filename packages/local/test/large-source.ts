import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const blockBytes = 64 * 1024;

/**
 * Fills `folder` with files of random bytes, which nothing compresses, in folders of ten. The same seed gives the same
 * bytes. A backup of 80 MB takes long enough
 * on any machine to be met in the middle.
 */
export function fillWithRandomFiles(folder: string, files: number, bytesEach: number, seed: string): void {
  for (let file = 0; file < files; file += 1) {
    const parent = join(folder, `folder-${Math.floor(file / 10)}`);
    mkdirSync(parent, { recursive: true });
    const blocks = Array.from({ length: Math.ceil(bytesEach / blockBytes) }, (_, block) =>
      createHash('shake256', { outputLength: blockBytes }).update(`${seed} ${file} ${block}`).digest(),
    );
    writeFileSync(join(parent, `file-${file}.bin`), Buffer.concat(blocks).subarray(0, bytesEach));
  }
}
