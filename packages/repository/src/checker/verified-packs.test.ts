import { hash } from 'node:crypto';
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { beforeEach, describe, expect, it } from 'vitest';
import { asPackId } from '../format/blob.ts';
import { VerifiedPacks } from './verified-packs.ts';

const repositoryId = 'ab'.repeat(32);
const [one, two, three] = ['one', 'two', 'three'].map((name) => asPackId(hash('sha256', name, 'hex'))) as [
  ReturnType<typeof asPackId>,
  ReturnType<typeof asPackId>,
  ReturnType<typeof asPackId>,
];
const at = (hour: number) => new Date(Date.UTC(2026, 10, 22, hour));

describe('a record of verified packs', () => {
  let folder: string;
  let path: string;
  const opened = () => VerifiedPacks.open(path, repositoryId);

  beforeEach(() => {
    folder = temporaryDirectoryForTest('verified-packs');
    path = join(folder, 'state');
  });

  it('is empty at first, and remembers what was seen and read when', async () => {
    const first = await opened();
    expect([...first.packs]).toEqual([]);
    await first.begin([one, two], at(1));
    await first.note(two, at(2));
    await first.end(at(1));
    const second = await opened();
    expect(second.evenUntil).toBe(at(1).getTime());
    expect(second.packs.get(one)).toEqual({ seen: at(1).getTime(), verified: null });
    expect(second.packs.get(two)).toEqual({ seen: at(1).getTime(), verified: at(2).getTime() });
    expect(readdirSync(folder)).toEqual(['state']);
  });

  it('forgets packs that are gone and keeps when the others were read', async () => {
    const first = await opened();
    await first.begin([one, two], at(1));
    await first.note(two, at(2));
    await first.end(null);
    const second = await opened();
    await second.begin([two, three], at(3));
    await second.close();
    const third = await opened();
    expect([...third.packs.keys()].sort()).toEqual([two, three].sort());
    expect(third.packs.get(two)?.verified).toBe(at(2).getTime());
    expect(third.evenUntil).toBeNull();
  });

  it('keeps what was noted before an interruption, also when the last line was cut off', async () => {
    const first = await opened();
    await first.begin([one, two, three], at(1));
    await first.note(one, at(2));
    await first.note(two, at(2));
    await first.close();
    const whole = readFileSync(path, 'utf8');
    appendFileSync(path, whole.trimEnd().split('\n').at(-1)?.replace(two, three).slice(0, 100) ?? '');
    const second = await opened();
    expect([...second.packs.values()].filter(({ verified }) => verified !== null)).toHaveLength(2);
    expect(second.packs.get(three)?.verified).toBeNull();
  });

  it('refuses a file of another repository and one that is something else', async () => {
    const first = await opened();
    await first.begin([one], at(1));
    await first.end(null);
    await expect(VerifiedPacks.open(path, 'cd'.repeat(32))).rejects.toMatchObject({ code: 'STATE_FILE_INVALID' });
    const text = readFileSync(path, 'utf8');
    for (const wrong of ['hello\n', `${text}{"pack":"x"}\n`, '{}\n', 'no line end']) {
      writeFileSync(path, wrong);
      await expect(opened()).rejects.toMatchObject({ code: 'STATE_FILE_INVALID' });
    }
  });

  it('says when it cannot be written', async () => {
    const lost = await VerifiedPacks.open(join(folder, 'none', 'state'), repositoryId);
    await expect(lost.begin([one], at(1))).rejects.toMatchObject({ code: 'FILE_NOT_WRITABLE' });
  });
});
