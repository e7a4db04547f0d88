import { toNodeMode, type NodeType } from '../format/node-mode.ts';
import { formatTime, isTimeOf } from '../format/node-time.ts';
import type { TreeNode } from '../format/tree.ts';
import type { FileStat } from '../posix/file-stat.ts';
import { accountNames } from '../posix/user-names.ts';

/** Fields of a node that do not come from `stat`. */
export type NodeParts = Pick<TreeNode, 'extendedAttributes'> &
  Partial<Pick<TreeNode, 'content' | 'subtree' | 'linkTarget' | 'size' | 'genericAttributes'>>;

/** Makes a node as restic does: the access time is the modification time, `links` and `device` stand where restic has them. */
export function describeNode(name: Buffer, type: NodeType, stat: FileStat, parts: NodeParts): TreeNode {
  const mtime = formatTime(stat.mtimeSeconds, stat.mtimeNanoseconds);
  const isDevice = type === 'dev' || type === 'chardev';
  return {
    name,
    type,
    mode: toNodeMode(type, stat.mode),
    mtime,
    atime: mtime,
    ctime: formatTime(stat.ctimeSeconds, stat.ctimeNanoseconds),
    uid: stat.uid,
    gid: stat.gid,
    user: accountNames().userName(stat.uid),
    group: accountNames().groupName(stat.gid),
    inode: stat.inode,
    deviceId: stat.deviceId,
    size: 0,
    links: type === 'file' || type === 'symlink' || isDevice ? stat.links : 0,
    linkTarget: Buffer.alloc(0),
    genericAttributes: '',
    device: isDevice ? stat.device : 0,
    content: null,
    subtree: null,
    error: '',
    ...parts,
  };
}

/** Tells whether a file is as the parent's node describes it: type, size, both times and inode. This is restic's rule. */
export function isUnchanged(node: TreeNode, stat: FileStat): boolean {
  return (
    node.type === 'file' &&
    node.size === stat.size &&
    node.inode === stat.inode &&
    isTimeOf(node.mtime, stat.mtimeSeconds, stat.mtimeNanoseconds) &&
    isTimeOf(node.ctime, stat.ctimeSeconds, stat.ctimeNanoseconds)
  );
}
