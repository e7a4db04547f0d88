import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  ftruncateSync,
  lchownSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  openSync,
  renameSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { oddEntries, type OddEntry } from './odd-tree-entries.ts';
import { isRoot } from './system-tool.ts';

/** A part of the odd tree that this machine, user or file system did not take. */
export interface NotMade {
  /** The relative path, then what of it: `special/block-device: entry`. Bytes that are not UTF-8 show as U+FFFD. */
  readonly what: string;
  readonly why: string;
}

/** What {@link makeOddTree} did. */
export interface OddTree {
  /** Empty for root on ext4. */
  readonly notMade: readonly NotMade[];
}

/** 2020-01-01, from which the ordinary entries get one second each in turn. */
const FIRST_MODIFIED_S = 1_577_836_800;

/**
 * Fills `folder`, which must be absent or empty, with every odd kind of thing that a backup must bring back: see
 * `odd-tree-entries.ts`. Contents, modes, owners, times, extended attributes and ACLs depend on `seed` alone, so two
 * trees of one seed are alike in all but inode numbers and change times.
 *
 * `root` says whether to make what only root can make (devices, owners, trusted attributes, capabilities); by default
 * the answer of the system. What could not be made is returned and does not throw: not every file system takes
 * everything. As an ordinary user the file and the folder of mode 0 cannot be read back.
 *
 * The system's own tools (mkfifo, mknod, setfattr, setfacl, touch) make what Node has no call for, so that the tree
 * does not depend on the code it is there to test.
 */
export async function makeOddTree(
  folder: string,
  { root = isRoot, seed = 1 }: { readonly root?: boolean; readonly seed?: number } = {},
): Promise<OddTree> {
  const notMade: NotMade[] = [];
  const attempt = async (entry: OddEntry, part: string, make: () => void | Promise<void>): Promise<boolean> => {
    try {
      await make();
      return true;
    } catch (error) {
      const message = error instanceof Error ? error.message.trim() : String(error);
      notMade.push({ what: `${entry.path.toString()}: ${part}`, why: message });
      return false;
    }
  };
  const pathOf = (relative: Buffer): Buffer =>
    relative.length === 0 ? Buffer.from(folder) : Buffer.concat([Buffer.from(`${folder}/`), relative]);

  const made: OddEntry[] = [];
  for (const entry of oddEntries(seed)) {
    if (entry.content.kind === 'device' && !root) {
      notMade.push({ what: `${entry.path.toString()}: entry`, why: 'only root makes devices' });
    } else if (await attempt(entry, 'entry', () => makeEntry(pathOf(entry.path), entry, pathOf))) {
      made.push(entry);
    }
  }

  // Children before their folder: a folder of mode 0 lets nobody in, and what changes in a folder changes its time.
  for (const [position, entry] of [...made.entries()].reverse()) {
    if (entry.content.kind === 'hard_link') continue;
    const path = pathOf(entry.path);
    const { owner, acl, modified, attributes = {} } = entry;
    const isLink = entry.content.kind === 'symbolic_link';

    if (owner !== undefined) {
      await attempt(entry, 'owner', () => {
        if (!root) throw new Error('only root gives files away');
        lchownSync(path, owner.uid, owner.gid);
      });
    }
    // The kernel drops a capability and the setuid bit when the owner changes, so both come after it.
    for (const [name, value] of Object.entries(attributes)) {
      await attempt(entry, name, () => {
        if (!root && !name.startsWith('user.')) throw new Error('only root sets it');
        runTool('setfattr', ['-h', '-n', name, '-v', `0x${value.toString('hex')}`, '--', path]);
      });
    }
    if (!isLink) {
      const usual = entry.content.kind === 'folder' ? 0o755 : 0o644;
      await attempt(entry, 'mode', () => {
        chmodSync(path, entry.mode ?? usual);
      });
    }
    if (acl !== undefined) {
      await attempt(entry, 'acl', () => {
        runTool('setfacl', ['-m', acl, '--', path]);
      });
    }
    await attempt(entry, 'modification time', () => {
      const seconds = FIRST_MODIFIED_S + position;
      if (modified === undefined) lutimesSync(path, seconds, seconds);
      else runTool('touch', ['-h', '-d', modified, '--', path]);
    });
  }
  return { notMade };
}

async function makeEntry(path: Buffer, entry: OddEntry, pathOf: (relative: Buffer) => Buffer): Promise<void> {
  const { content } = entry;
  switch (content.kind) {
    case 'folder':
      mkdirSync(path, { recursive: entry.path.length === 0 });
      return;
    case 'file':
      writeFileSync(path, content.bytes(), { flag: 'wx' });
      return;
    case 'sparse_file': {
      const file = openSync(path, 'wx');
      for (const { offset, bytes } of content.extents) writeSync(file, bytes, 0, bytes.length, offset);
      ftruncateSync(file, content.size);
      closeSync(file);
      return;
    }
    case 'symbolic_link':
      symlinkSync(content.target, path);
      return;
    case 'hard_link':
      linkSync(pathOf(content.to), path);
      return;
    case 'fifo':
      runTool('mkfifo', ['--', path]);
      return;
    case 'device':
      runTool('mknod', ['--', path, content.type, String(content.major), String(content.minor)]);
      return;
    case 'socket':
      await makeSocket(path.toString());
  }
}

/** Closing a server removes the socket at the path it was opened under, so the socket is renamed meanwhile. */
async function makeSocket(path: string): Promise<void> {
  const server = createServer();
  server.listen(`${path}~`);
  await once(server, 'listening');
  renameSync(`${path}~`, path);
  server.close();
  await once(server, 'close');
}

/** Runs a tool of the system. Node passes arguments as UTF-8 only; bash takes any byte, written as \ooo. */
function runTool(tool: string, values: readonly (string | Buffer)[]): void {
  const quoted = values.map((value) => {
    const octal = Array.from(Buffer.from(value), (byte) => `\\${byte.toString(8).padStart(3, '0')}`);
    return `$'${octal.join('')}'`;
  });
  execFileSync('bash', ['-c', `exec ${tool} ${quoted.join(' ')}`], { stdio: ['ignore', 'ignore', 'pipe'] });
}
