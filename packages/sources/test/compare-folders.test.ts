import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  lchownSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  closeSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { setExtendedAttribute } from '@enterprise-backup/repository/posix/extended-attributes';
import { setFileTimes } from '@enterprise-backup/repository/posix/file-times';
import { makeOddTree } from '@enterprise-backup/test-support/odd-tree';
import { hasTool, isRoot } from '@enterprise-backup/test-support/system-tool';
import { temporaryDirectory, type TemporaryDirectory } from '@enterprise-backup/test-support/temporary-directory';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compareFolders, type Difference } from '../src/compare-folders.ts';

let directory: TemporaryDirectory;
let expected: string;
let actual: string;

beforeEach(() => {
  directory = temporaryDirectory('compare');
  expected = join(directory.path, 'expected');
  actual = join(directory.path, 'actual');
});

afterEach(() => {
  directory.remove();
});

/** Two alike folders with one of each common thing. */
function makePair(): void {
  for (const folder of [expected, actual]) {
    mkdirSync(join(folder, 'sub/deeper'), { recursive: true });
    writeFileSync(join(folder, 'file'), 'content of the file');
    writeFileSync(join(folder, 'sub/large'), Buffer.alloc(2_500_000, 'abc'));
    writeFileSync(join(folder, 'sub/other'), 'other');
    writeFileSync(join(folder, 'sub/linked'), 'two names');
    linkSync(join(folder, 'sub/linked'), join(folder, 'sub/deeper/second-name'));
    writeFileSync(join(folder, 'sub/single-a'), 'same');
    writeFileSync(join(folder, 'sub/single-b'), 'same');
    symlinkSync('file', join(folder, 'link'));
    settle(folder);
  }
}

/** Gives everything that is there one time, so that a change shows only in what it is meant to change. */
function settle(folder: string): void {
  const files = ['file', 'link', 'extra', 'sub/large', 'sub/other', 'sub/linked', 'sub/single-a', 'sub/single-b'];
  for (const path of [...files, 'sub/deeper', 'sub', '.'].map((name) => join(folder, name))) {
    if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) lutimesSync(path, 1, 1);
  }
}

const brief = (differences: readonly Difference[]): string[] => differences.map(({ path, what }) => `${path}: ${what}`);

it('finds no difference between two odd trees of one seed, and says what it looked at', async () => {
  await makeOddTree(expected, { seed: 3 });
  await makeOddTree(actual, { seed: 3 });
  const phases: string[] = [];
  const outcome = await compareFolders(expected, actual, { onProgress: ({ phase }) => phases.push(phase) });
  expect(outcome.differences).toEqual(isRoot ? [] : expect.anything());
  if (isRoot) expect(outcome).toMatchObject({ identical: true, difference_count: 0, attributes_compared: true });
  const counted = execFileSync('bash', ['-c', `find "$1" -printf 'x' | wc -c`, 'bash', expected], { encoding: 'utf8' });
  expect(outcome.entries).toBe(Number(counted));
  expect(outcome.bytes).toBeGreaterThan(35_000_000);
  expect(phases[0]).toBe('verifying');
  expect(phases.at(-1)).toBe('done');
});

it.skipIf(!isRoot)(
  'finds no difference in a copy made by cp -a, and none but the socket when that is lost',
  async () => {
    await makeOddTree(expected, { seed: 4 });
    execFileSync('cp', ['-a', expected, actual]);
    expect(await compareFolders(expected, actual)).toMatchObject({ differences: [], sockets_left_out: 0 });
    unlinkSync(join(actual, 'special/socket'));
    execFileSync('touch', ['-r', join(expected, 'special'), join(actual, 'special')]);
    expect(await compareFolders(expected, actual)).toMatchObject({ differences: [], sockets_left_out: 1 });
  },
);

it.skipIf(!isRoot)('names every file in a tree of another seed whose content differs', async () => {
  await makeOddTree(expected, { seed: 5 });
  await makeOddTree(actual, { seed: 6 });
  const { differences } = await compareFolders(expected, actual);
  expect(brief(differences)).toContain('content/big: content');
  expect(brief(differences)).toContain('content/sparse: content');
  expect(brief(differences)).toContain('attributes/large: attribute');
});

describe('of two alike folders, one change is one difference', () => {
  const cases: [string, () => void, string[], boolean?][] = [
    ['nothing', () => undefined, []],
    [
      'a byte in the middle',
      () => {
        overwrite('sub/large', 1_500_000, 'X');
      },
      ['sub/large: content'],
    ],
    [
      'the first byte',
      () => {
        overwrite('file', 0, 'X');
      },
      ['file: content'],
    ],
    [
      'the last byte',
      () => {
        overwrite('sub/large', 2_499_999, 'X');
      },
      ['sub/large: content'],
    ],
    [
      'a byte more',
      () => {
        appendFileSync(join(actual, 'file'), 'X');
      },
      ['file: size'],
    ],
    [
      'a missing file',
      () => {
        unlinkSync(join(actual, 'file'));
      },
      ['file: missing'],
    ],
    [
      'a missing folder',
      () => {
        rmSync(join(actual, 'sub'), { recursive: true });
      },
      ['sub: missing'],
    ],
    [
      'an extra file',
      () => {
        writeFileSync(join(actual, 'extra'), '');
      },
      ['extra: extra'],
    ],
    [
      'an extra name that is not UTF-8',
      () => {
        writeFileSync(Buffer.concat([Buffer.from(`${actual}/`), Buffer.from([0xff])]), '');
      },
      ['\\xff: extra'],
    ],
    [
      'a file in place of a link',
      () => {
        unlinkSync(join(actual, 'link'));
        writeFileSync(join(actual, 'link'), '');
      },
      ['link: type'],
    ],
    [
      'another link target',
      () => {
        unlinkSync(join(actual, 'link'));
        symlinkSync('fil\ufffd', join(actual, 'link'));
      },
      ['link: link_target'],
    ],
    [
      'a link that was a byte apart',
      () => {
        for (const [folder, byte] of [
          [expected, 0xff],
          [actual, 0xfe],
        ] as const) {
          unlinkSync(join(folder, 'link'));
          symlinkSync(Buffer.from([byte]), join(folder, 'link'));
        }
        settle(expected);
      },
      ['link: link_target'],
    ],
    [
      'permissions',
      () => {
        chmodSync(join(actual, 'file'), 0o640);
      },
      ['file: mode'],
    ],
    [
      'setuid',
      () => {
        chmodSync(join(actual, 'file'), 0o4644);
      },
      ['file: mode'],
    ],
    [
      'sticky',
      () => {
        chmodSync(join(actual, 'sub'), 0o1755);
      },
      ['sub: mode'],
    ],
    [
      'permissions of the folder itself',
      () => {
        chmodSync(actual, 0o700);
      },
      ['.: mode'],
    ],
    [
      'a hard link that became a copy',
      () => {
        unlinkSync(join(actual, 'sub/deeper/second-name'));
        writeFileSync(join(actual, 'sub/deeper/second-name'), 'two names');
        lutimesSync(join(actual, 'sub/deeper/second-name'), 1, 1);
      },
      ['sub/linked: hard_links'],
    ],
    [
      'copies that became a hard link',
      () => {
        unlinkSync(join(actual, 'sub/single-b'));
        linkSync(join(actual, 'sub/single-a'), join(actual, 'sub/single-b'));
      },
      ['sub/single-b: hard_links'],
    ],
    [
      'a renamed file',
      () => {
        renameSync(join(actual, 'file'), join(actual, 'extra'));
      },
      ['file: missing', 'extra: extra'],
    ],
    [
      'an owner',
      () => {
        lchownSync(join(actual, 'file'), 12_345, 0);
      },
      ['file: owner'],
      true,
    ],
    [
      'a group of a link',
      () => {
        lchownSync(join(actual, 'link'), 0, 54_321);
      },
      ['link: owner'],
      true,
    ],
  ];
  it.each(cases.filter(([, , , needsRoot]) => isRoot || needsRoot !== true))('%s', async (_what, change, wanted) => {
    makePair();
    change();
    settle(actual);
    const outcome = await compareFolders(expected, actual);
    expect(brief(outcome.differences)).toEqual(wanted);
    expect(outcome.difference_count).toBe(wanted.length);
    expect(outcome.identical).toBe(wanted.length === 0);
  });

  it.each(['file', 'sub', 'link', '.'])('one nanosecond of %s', async (path) => {
    makePair();
    setFileTimes(Buffer.from(join(actual, path)), 0n, 1_000_000_001n);
    const { differences } = await compareFolders(expected, actual);
    expect(differences).toEqual([
      {
        path,
        what: 'modification_time',
        expected: '1970-01-01T00:00:01.000000000Z',
        actual: '1970-01-01T00:00:01.000000001Z',
      },
    ]);
  });

  it('an attribute that is missing, extra or different', async () => {
    makePair();
    const set = (folder: string, name: string, value: string): void => {
      setExtendedAttribute(Buffer.from(join(folder, 'file')), Buffer.from(name), Buffer.from(value));
    };
    set(expected, 'user.a', 'only here');
    set(actual, 'user.b', '');
    set(expected, 'user.c', 'x'.repeat(100));
    set(actual, 'user.c', 'x'.repeat(101));
    const { differences } = await compareFolders(expected, actual);
    expect(differences.map(({ what, expected: wanted, actual: found }) => [what, wanted, found])).toEqual([
      ['attribute', 'user.a=0x6f6e6c792068657265', 'no user.a'],
      [
        'attribute',
        expect.stringMatching(/^user\.c=0x(78){64}… \(100 bytes\)$/),
        expect.stringContaining('(101 bytes)'),
      ],
      ['attribute', 'no user.b', 'user.b=0x'],
    ]);
  });

  it.skipIf(!hasTool('setfacl'))('an access control list', async () => {
    makePair();
    execFileSync('setfacl', ['-m', 'd:u:12345:rwx', join(actual, 'sub')]);
    const { differences } = await compareFolders(expected, actual);
    expect(differences).toMatchObject([{ path: 'sub', what: 'attribute', expected: 'no system.posix_acl_default' }]);
  });

  it.skipIf(!isRoot)('the number of a device', async () => {
    makePair();
    for (const [folder, minor] of [
      [expected, '3'],
      [actual, '5'],
    ] as const) {
      execFileSync('mknod', [join(folder, 'device'), 'c', '1', minor]);
      lutimesSync(join(folder, 'device'), 1, 1);
      settle(folder);
    }
    expect(brief((await compareFolders(expected, actual)).differences)).toEqual(['device: device']);
  });
});

it('leaves owners out on request', async () => {
  makePair();
  if (isRoot) lchownSync(join(actual, 'file'), 12_345, 54_321);
  expect(await compareFolders(expected, actual, { owners: false })).toMatchObject({ identical: true });
});

it('keeps the first differences and counts them all', async () => {
  makePair();
  for (const path of ['file', 'sub', 'sub/other', 'sub/linked']) chmodSync(join(actual, path), 0o777);
  const outcome = await compareFolders(expected, actual, { differencesKept: 2 });
  expect(brief(outcome.differences)).toEqual(['file: mode', 'sub: mode']);
  // The second name of the linked file has the same mode.
  expect(outcome.difference_count).toBe(5);
});

it('reports a missing folder as a difference and refuses to compare with nothing', async () => {
  makePair();
  expect(brief((await compareFolders(expected, join(actual, 'nowhere'))).differences)).toEqual(['.: missing']);
  await expect(compareFolders(join(expected, 'nowhere'), actual)).rejects.toMatchObject({ code: 'SOURCE_MISSING' });
  await expect(compareFolders(join(expected, 'file'), actual)).rejects.toMatchObject({ code: 'SOURCE_MISSING' });
});

it('stops when it is aborted', async () => {
  makePair();
  await expect(compareFolders(expected, actual, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'CANCELLED',
  });
});

it.skipIf(isRoot)('takes what cannot be read for a difference', async () => {
  makePair();
  chmodSync(join(expected, 'file'), 0);
  chmodSync(join(actual, 'file'), 0);
  expect(brief((await compareFolders(expected, actual)).differences)).toEqual(['file: unreadable']);
});

function overwrite(path: string, position: number, text: string): void {
  const file = openSync(join(actual, path), 'r+');
  writeSync(file, text, position);
  closeSync(file);
}
