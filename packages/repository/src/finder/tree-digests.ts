import { hash } from 'node:crypto';
import type { TreeNode } from '../format/tree.ts';

/** Of a SHA-256, enough that two different nodes never look equal by chance. */
const digestBytes = 16;

/** What a file holds, or where a link leads and which device it is, as text. Of a folder it says nothing. */
export function contentText({ type, size, content, linkTarget, device }: TreeNode): string {
  if (type === 'dir') return '';
  // Nobody holds the size that stands beside the blobs to them: where it differs, that is shown.
  return type === 'file' ? `${size} ${(content ?? []).join('')}` : `${type} ${device} ${linkTarget.toString('base64')}`;
}

/**
 * What stands beside the content, as text: owner, rights, attributes, and the time of the last change, which of a
 * folder says only that something in it changed, and is left out. When something was read last, and which inode it had, is
 * no difference to anyone.
 */
export function metadataText(node: TreeNode): string {
  const { type, mode, uid, gid, user, group, mtime, extendedAttributes, genericAttributes } = node;
  const attributes = extendedAttributes.map(
    ({ name, value }) => `${name.toString('base64')}=${value.toString('base64')}`,
  );
  const time = type === 'dir' ? '' : mtime;
  // No field can hold the character that parts them.
  return [type, mode, uid, gid, user, group, time, attributes.join(' '), genericAttributes].join('\0');
}

/** A digest that two different texts never share by chance. */
export function digest(text: string): Buffer {
  return hash('sha256', text, 'buffer').subarray(0, digestBytes);
}
