/** Kinds of nodes that restic restores. A socket is restorable by nobody and never stored. */
export type NodeType = 'file' | 'dir' | 'symlink' | 'dev' | 'chardev' | 'fifo';

const directoryFlag = 2 ** 31;
const symlinkFlag = 2 ** 27;
const deviceFlag = 2 ** 26;
const fifoFlag = 2 ** 25;
const setuidFlag = 2 ** 23;
const setgidFlag = 2 ** 22;
const characterDeviceFlag = 2 ** 21;
const stickyFlag = 2 ** 20;

const typeFlags: Readonly<Record<NodeType, number>> = {
  file: 0,
  dir: directoryFlag,
  symlink: symlinkFlag,
  dev: deviceFlag,
  chardev: deviceFlag + characterDeviceFlag,
  fifo: fifoFlag,
};

const fileTypeBits = 0o170_000;
const typesByBits = new Map<number, NodeType>([
  [0o100_000, 'file'],
  [0o040_000, 'dir'],
  [0o120_000, 'symlink'],
  [0o060_000, 'dev'],
  [0o020_000, 'chardev'],
  [0o010_000, 'fifo'],
]);

/** Type of a node from `st_mode`, null for a socket and anything unknown. */
export function nodeTypeOf(statMode: number): NodeType | null {
  return typesByBits.get(statMode & fileTypeBits) ?? null;
}

/** The mode that restic stores (Go's os.FileMode) for a type and `st_mode`. */
export function toNodeMode(type: NodeType, statMode: number): number {
  return (
    (statMode & 0o777) +
    typeFlags[type] +
    ((statMode & 0o4000) === 0 ? 0 : setuidFlag) +
    ((statMode & 0o2000) === 0 ? 0 : setgidFlag) +
    ((statMode & 0o1000) === 0 ? 0 : stickyFlag)
  );
}

/** Permission bits with setuid, setgid and sticky, as chmod takes them, from a stored mode. */
export function toPermissions(nodeMode: number): number {
  const has = (flag: number) => Math.floor(nodeMode / flag) % 2 === 1;
  return (
    (nodeMode & 0o777) |
    (has(setuidFlag) ? 0o4000 : 0) |
    (has(setgidFlag) ? 0o2000 : 0) |
    (has(stickyFlag) ? 0o1000 : 0)
  );
}
