import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import makeSodium from 'libsodium-sumo';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileSodium, loadSodium } from './sodium.ts';

describe('the code of libsodium', () => {
  beforeAll(async () => {
    await loadSodium();
  });

  it('is found in the source of its module, and no code in another', () => {
    expect(compileSodium(String(makeSodium))).toBeInstanceOf(WebAssembly.Module);
    expect(compileSodium('export default async () => {};')).toBeNull();
  });

  it('is handed on to threads, which compile none', async () => {
    const thread = `
      const { getEnvironmentData, parentPort } = require('node:worker_threads');
      parentPort.postMessage(getEnvironmentData('enterprise-backup/libsodium') instanceof WebAssembly.Module);`;
    const worker = new Worker(thread, { eval: true });
    expect(await once(worker, 'message')).toEqual([true]);
    await worker.terminate();
  });
});
