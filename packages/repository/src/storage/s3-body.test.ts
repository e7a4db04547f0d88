import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readBody } from './s3-body.ts';

/** Pieces that have their memory to themselves, as the network hands them over. */
function pieces(...lengths: readonly number[]): Buffer[] {
  return lengths.map((length, at) => Buffer.alloc(length, at + 1));
}

/** What `readBody` is given is emptied as it is read. */
function bodyOf(given: readonly Buffer[]): Readable {
  return Readable.from([...given], { objectMode: false });
}

describe('the body of an answer', () => {
  it.each([
    ['as long as expected', 30],
    ['shorter', 31],
    ['of unknown length', undefined],
    ['too long to be taken at once', 2 ** 40],
  ])('is read when it is %s', async (_, expected) => {
    const { data, received } = await readBody(bodyOf(pieces(10, 15, 5)), expected);
    expect(data).toEqual(Buffer.concat(pieces(10, 15, 5)));
    expect(received).toBe(30);
  });

  it('is cut at what was expected, and not read any further, when it is longer', async () => {
    let given = 0;
    const endless = new Readable({
      read() {
        given += 1;
        this.push(Buffer.alloc(1000, given));
      },
    });
    const { data, received } = await readBody(endless, 2500);
    expect(data).toEqual(Buffer.concat(pieces(1000, 1000, 500)));
    expect(received).toBeGreaterThan(2500);
    expect(endless.destroyed).toBe(true);
  });

  it('fails as its stream does, and when it breaks off', async () => {
    const broken = new Readable({
      read() {
        this.destroy(new Error('the connection was reset'));
      },
    });
    await expect(readBody(broken, 10)).rejects.toThrow('the connection was reset');
    const brokenOff = new Readable({ read: () => undefined });
    brokenOff.push(Buffer.alloc(5));
    setImmediate(() => brokenOff.destroy());
    await expect(readBody(brokenOff, 10)).rejects.toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' });
  });

  it('gives back the memory of the pieces that it copied', async () => {
    const given = pieces(64 * 1024, 64 * 1024);
    await readBody(bodyOf(given), 128 * 1024);
    expect(given.map((piece) => piece.byteLength)).toEqual([0, 0]);
  });
});
