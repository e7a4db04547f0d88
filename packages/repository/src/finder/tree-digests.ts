import { hash } from 'node:crypto';
import type { TreeNode } from '../format/tree.ts';

/** Of a SHA-256, enough that two different nodes never look equal by chance. */
const digestBytes = 16;

/** A digest of what a file holds, or of where a link leads and which device it is. Of a folder it says nothing. */
export function contentDigest({ type, size, content, linkTarget, device }: TreeNode): Buffer {
  if (type === 'dir') return Buffer.alloc(0);
  // Nobody holds the size that stands beside the blobs to them: where it differs, that is shown.
  const what =
    type === 'file' ? `${size} ${(content ?? []).join('')}` : `${type} ${device} ${linkTarget.toString('base64')}`;
  return digest(what);
}

/**
 * A digest of what stands beside the content: owner, rights, attributes, and the time of the last change, which of a
 * folder says only that something in it changed, and is left out. When something was read last, and which inode it had, is
 * no difference to anyone.
 */
export function metadataDigest(node: TreeNode): Buffer {
  const { type, mode, uid, gid, user, group, mtime, extendedAttributes, genericAttributes } = node;
  const attributes = extendedAttributes.map(
    ({ name, value }) => `${name.toString('base64')}=${value.toString('base64')}`,
  );
  const time = type === 'dir' ? '' : mtime;
  // No field can hold the character that parts them.
  return digest([type, mode, uid, gid, user, group, time, attributes.join(' '), genericAttributes].join('\0'));
}

function digest(text: string): Buffer {
  return hash('sha256', text, 'buffer').subarray(0, digestBytes);
}
