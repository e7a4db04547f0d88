import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@enterprise-backup/contracts/clock';
import { VerifiedPacks } from '../../src/checker/verified-packs.ts';
import { isIrreducible } from '../../src/chunker/polynomial.ts';
import { openKeyFile, parseKeyFile } from '../../src/crypto/key-file.ts';
import { seal } from '../../src/crypto/sealing.ts';
import { asBlobId, asPackId, hashBytes, type PackContents } from '../../src/format/blob.ts';
import { compressBlob } from '../../src/format/blob-compression.ts';
import { decodeConfig, encodeConfig } from '../../src/format/config.ts';
import { encodeName, quote, unquote } from '../../src/format/go-text.ts';
import {
  decodeIndexFile,
  decodeIndexFileWithMarks,
  encodeIndexFile,
  type IndexFile,
} from '../../src/format/index-file.ts';
import { packsOf, scanIndexFile } from '../../src/format/index-scanner.ts';
import { formatTime, parseTime } from '../../src/format/node-time.ts';
import { decodePackHeader, encodePackHeader } from '../../src/format/pack-header.ts';
import { decodeSnapshot, encodeSnapshot } from '../../src/format/snapshot.ts';
import { decodeTree, emptyTree, encodeTree } from '../../src/format/tree.ts';
import { decodeUnpacked, encodeUnpacked } from '../../src/format/unpacked.ts';
import { describeHolder, judgeLock, readLock } from '../../src/lock-file.ts';
import { parsePackHeader } from '../../src/pack/read-pack-header.ts';
import { openBlob } from '../../src/open-blob.ts';
import { readConfig, type Repository } from '../../src/repository.ts';
import { password, snapshotOf } from '../crafted-repository.ts';
import { MemoryStorage } from '../memory-storage.ts';
import { expectSame, type Codec } from './codec.ts';
import { bytesOf, cheapKeyFile, exampleTrees, sha256 } from './examples.ts';

const id = (text: string): string => sha256(Buffer.from(text));

const packs: readonly PackContents[] = ['one', 'two'].map((name) => ({
  id: asPackId(id(name)),
  blobs: [0, 1, 2].map((at) => ({
    id: asBlobId(id(`${name} ${at}`)),
    type: name === 'one' ? ('data' as const) : ('tree' as const),
    offset: at * 100,
    length: 100,
    uncompressedLength: at === 1 ? 0 : 300 + at,
  })),
}));

const indexExamples = [
  encodeIndexFile(packs),
  encodeIndexFile(packs, [{ ...(packs[0] as PackContents), markedAt: 1_760_000_000_000, size: null }]),
  encodeIndexFile([], [{ id: asPackId(id('three')), blobs: [], markedAt: null, size: 4711 }]),
  Buffer.from(JSON.stringify({ supersedes: [id('old')], packs: [] })),
  Buffer.from(JSON.stringify([{ id: id('one'), blobs: [] }])),
];

const snapshotExamples = [
  encodeSnapshot(snapshotOf(asBlobId(id('tree')))),
  encodeSnapshot({
    ...snapshotOf(asBlobId(id('tree'))),
    time: '2026-01-01T01:02:03.123456789+01:00',
    parent: id('parent'),
    paths: ['/srv/data', '/srv/döner'],
    hostname: 'host',
    username: 'user',
    uid: 1000,
    gid: 1000,
    excludes: ['*.tmp'],
    tags: ['job=1', 'full'],
    original: id('original'),
    program_version: 'restic 0.18.0',
    summary: {
      backup_start: '2026-01-01T00:00:00Z',
      backup_end: '2026-01-01T00:00:01Z',
      files_new: 1,
      files_changed: 2,
      files_unmodified: 3,
      dirs_new: 4,
      dirs_changed: 5,
      dirs_unmodified: 6,
      data_blobs: 7,
      tree_blobs: 8,
      data_added: 9,
      data_added_packed: 10,
      total_files_processed: 11,
      total_bytes_processed: 12,
    },
  }),
];

const lockExample = Buffer.from(
  JSON.stringify({
    time: '2026-01-01T00:00:00.5Z',
    exclusive: true,
    hostname: 'host',
    username: 'user',
    pid: 4711,
    uid: 1,
  }),
);

/** Names of the codecs that `makeCodecs` makes. */
export const codecNames = [
  'config',
  'index',
  'snapshot',
  'lock',
  'key file',
  'master key',
  'pack header',
  'end of a pack',
  'tree',
  'unpacked file',
  'blob',
  'quoted name',
  'time',
  'state of a check',
] as const;

/** All codecs of files in a repository, and of what stands beside it. `repository` lends its key, `folder` holds files. */
export function makeCodecs(repository: Repository, folder: string): readonly Codec[] {
  const { key } = repository;
  const stateFile = join(folder, 'state');

  const config: Codec<NonNullable<ReturnType<typeof decodeConfig>>> = {
    name: 'config',
    json: true,
    examples: [
      encodeConfig(repository.config),
      Buffer.from(JSON.stringify({ version: 1, id: id('id'), chunker_polynomial: '25b468838dcb75' })),
      Buffer.from(
        JSON.stringify({ version: 2, id: id('id'), chunker_polynomial: '3', append_only: true, chunk_size: 1 }),
      ),
    ],
    decode: async (input) => {
      const decoded = decodeConfig(input);
      if (decoded === null) return null;
      isIrreducible(decoded.polynomial);
      const sealed = seal(key, input);
      await readConfig(new MemoryStorage([{ type: 'config', name: 'config', data: sealed }]), key).catch(
        (error: unknown) => {
          if (error instanceof Error && ['CONFIG_DAMAGED', 'CONFIG_UNSUPPORTED'].includes(error.name)) return;
          throw error;
        },
      );
      return decoded;
    },
    encode: encodeConfig,
  };

  const index: Codec<IndexFile> = {
    name: 'index',
    json: true,
    examples: indexExamples,
    decode: (input) => {
      const decoded = decodeIndexFileWithMarks(input);
      const plain = decodeIndexFile(input);
      if (decoded !== null) expectSame(plain, decoded.packs, 'the index without marks');
      const scanned = scanIndexFile(input);
      if (scanned !== null) {
        const listed = Array.from(packsOf(scanned), ({ id: pack, blobs }) => ({ id: pack, blobs: [...blobs] }));
        expectSame(listed, plain, 'the index that was scanned');
      }
      return decoded;
    },
    encode: ({ packs: listed, marked }) => encodeIndexFile(listed, marked),
  };

  const snapshot: Codec<NonNullable<ReturnType<typeof decodeSnapshot>>> = {
    name: 'snapshot',
    json: true,
    examples: snapshotExamples,
    decode: decodeSnapshot,
    encode: encodeSnapshot,
  };

  const lock: Codec = {
    name: 'lock',
    json: true,
    examples: [lockExample],
    decode: async (input) => {
      const loader = { loadUnpacked: async () => input } as unknown as Repository;
      const decoded = await readLock(loader, 'lock');
      if (decoded === 'unreadable' || decoded === null) return null;
      judgeLock(decoded, systemClock.now(), () => false);
      describeHolder(decoded);
      return decoded;
    },
  };

  const keyExamples = [cheapKeyFile(key)];
  const keyFile: Codec = {
    name: 'key file',
    json: true,
    examples: keyExamples,
    decode: async (input) => {
      const decoded = parseKeyFile(input.toString('utf8'));
      if (decoded === null) return null;
      const { N, r, p } = decoded;
      // What costs as much as a real key file takes its time; that this is bounded is judged where files are read.
      if (N * r * p <= 4096) await openKeyFile(decoded, password);
      return decoded;
    },
  };

  const masterKey: Codec = {
    name: 'master key',
    json: true,
    examples: [
      Buffer.from(
        JSON.stringify({
          mac: { k: Buffer.alloc(16, 1).toString('base64'), r: Buffer.alloc(16, 2).toString('base64') },
          encrypt: Buffer.alloc(32, 3).toString('base64'),
        }),
      ),
    ],
    decode: async (input) => {
      const parsed = parseKeyFile(cheapKeyFile(key, input).toString('utf8'));
      return parsed === null ? null : openKeyFile(parsed, password);
    },
  };

  const header: Codec<NonNullable<ReturnType<typeof decodePackHeader>>> = {
    name: 'pack header',
    json: false,
    examples: [...packs.map(({ blobs }) => encodePackHeader(blobs)), Buffer.alloc(0)],
    decode: (input) => decodePackHeader(input),
    encode: encodePackHeader,
  };

  const packEnds = packs.map(({ blobs }) => {
    const sealed = seal(key, encodePackHeader(blobs));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(sealed.length);
    return Buffer.concat([Buffer.alloc(300), sealed, length]);
  });
  const packEnd: Codec = {
    name: 'end of a pack',
    json: false,
    examples: packEnds,
    decode: (input) => {
      const parsed = parsePackHeader(key, input);
      return typeof parsed === 'string' ? null : parsed;
    },
  };

  const tree: Codec<Exclude<ReturnType<typeof decodeTree>, { readonly fault: string }>> = {
    name: 'tree',
    json: true,
    examples: [emptyTree, ...exampleTrees()],
    decode: (input) => {
      const decoded = decodeTree(input);
      return 'fault' in decoded ? null : decoded;
    },
    encode: encodeTree,
  };

  const unpacked: Codec<Buffer> = {
    name: 'unpacked file',
    json: false,
    examples: [...indexExamples.map((json) => Buffer.from(encodeUnpacked(json, 2))), lockExample, Buffer.alloc(0)],
    decode: (input) => {
      decodeUnpacked(input, 1);
      return decodeUnpacked(input, 2);
    },
  };

  // What is sealed rightly, and was compressed or recorded wrongly: the first bytes say which length is recorded.
  const plaintexts = [Buffer.alloc(0), Buffer.from('text '.repeat(100)), Buffer.alloc(5000), bytesOf('random', 3000)];
  const blob: Codec = {
    name: 'blob',
    json: false,
    examples: plaintexts.map((plaintext) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(plaintext.length);
      return Buffer.concat([hashBytes(plaintext), length, compressBlob(plaintext, true) ?? plaintext]);
    }),
    decode: (input) => {
      if (input.length < 36) return null;
      const blobId = asBlobId(input.toString('hex', 0, 32));
      const sealed = seal(key, input.subarray(36));
      const place = { id: blobId, type: 'data', offset: 0, length: sealed.length } as const;
      const opened = openBlob(key, { ...place, uncompressedLength: input.readUInt32LE(32) }, sealed);
      if (typeof opened === 'string') return null;
      expectSame(sha256(opened), blobId, 'the content');
      return opened;
    },
  };

  const name: Codec<Buffer> = {
    name: 'quoted name',
    json: false,
    examples: ['plain', 'quote " and \\ and & <', 'döner 日本 \u{1f600}', '\\x00\\u2028\\U0010ffff\\377\\a\\n'].map(
      (text) => Buffer.from(text),
    ),
    decode: (input) => {
      // Any bytes are a name: they come back from their quoted form.
      expectSame(unquote(quote(input)), Buffer.from(input), 'the name');
      expectSame(unquote(JSON.parse(encodeName(input)) as string), Buffer.from(input), 'the name in JSON');
      return unquote(input.toString('utf8'));
    },
    encode: (value) => Buffer.from(quote(value)),
  };

  const time: Codec<bigint> = {
    name: 'time',
    json: false,
    examples: ['2026-01-01T00:00:00Z', '0001-01-01T00:00:00.5+23:59', '9999-12-31T23:59:59.999999999-12:00'].map(
      (text) => Buffer.from(text),
    ),
    decode: (input) => parseTime(input.toString('utf8')),
    encode: (value) => {
      const fraction = ((value % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
      return Buffer.from(formatTime(Number((value - fraction) / 1_000_000_000n), Number(fraction)));
    },
  };

  const records = packs.map(({ id: pack }) =>
    JSON.stringify({ pack, seen: '2026-01-01T00:00:00.000Z', verified: '2026-01-02T00:00:00.000Z' }),
  );
  const heading = { format: 'verified-packs', version: 1, repository: 'repository', even_until: null };
  const verified: Codec = {
    name: 'state of a check',
    json: false,
    examples: [Buffer.from(`${[JSON.stringify(heading), ...records].join('\n')}\n`)],
    cost: 5,
    codes: ['STATE_FILE_INVALID'],
    decode: async (input) => {
      writeFileSync(stateFile, input);
      return VerifiedPacks.open(stateFile, 'repository');
    },
  };

  return [
    config,
    index,
    snapshot,
    lock,
    keyFile,
    masterKey,
    header,
    packEnd,
    tree,
    unpacked,
    blob,
    name,
    time,
    verified,
  ] as readonly Codec[];
}
