import type { ExtendedAttribute } from '../posix/extended-attributes.ts';
import { isId, asBlobId, type BlobId } from './blob.ts';
import { decodeUtf8, encodeJsonBytes, encodeJsonText, encodeName, quote, unquote } from './go-text.ts';
import { isTime, zeroTime } from './node-time.ts';

/** One entry of a folder. Times are RFC 3339 as stored; `device` is st_rdev. */
export interface TreeNode {
  readonly name: Buffer;
  /** `file`, `dir`, `symlink`, `dev`, `chardev`, `fifo`; other words may stand in repositories that others wrote. */
  readonly type: string;
  /** Go's os.FileMode, see node-mode.ts. */
  readonly mode: number;
  readonly mtime: string;
  readonly atime: string;
  readonly ctime: string;
  readonly uid: number;
  readonly gid: number;
  readonly user: string;
  readonly group: string;
  readonly inode: bigint;
  readonly deviceId: bigint;
  readonly size: number;
  readonly links: number;
  readonly linkTarget: Buffer;
  readonly extendedAttributes: readonly ExtendedAttribute[];
  /** Attributes of Windows, kept as the JSON they came as; empty when there are none. */
  readonly genericAttributes: string;
  readonly device: number;
  /** Data blobs of a file in order; null for every other type. */
  readonly content: readonly BlobId[] | null;
  readonly subtree: BlobId | null;
  readonly error: string;
}

/** The stored form of a folder without entries. */
export const emptyTree = Buffer.from('{"nodes":[]}\n');

/** What most nodes have, in memory once: a folder may have a million of them. */
const noLinkTarget = Buffer.alloc(0);
const noAttributes: readonly ExtendedAttribute[] = [];

const slash = 0x2f;
const dot = 0x2e;

/** Encodes a folder byte for byte as restic does. The nodes must be in ascending order of their names' bytes. */
export function encodeTree(nodes: readonly TreeNode[]): Buffer {
  return joinNodes(nodes.map(encodeNode));
}

/** A folder of nodes that are encoded already, in ascending order of their names' bytes. */
export function joinNodes(nodes: readonly string[]): Buffer {
  return Buffer.from(`{"nodes":[${nodes.join(',')}]}\n`);
}

/** Encodes one node as it stands in a folder. */
export function encodeNode(node: TreeNode): string {
  let json = encodeNodeHead(node);
  if (node.linkTarget.length > 0) {
    json += `,"linktarget":${encodeJsonBytes(node.linkTarget)}`;
    if (decodeUtf8(node.linkTarget) === null) json += `,"linktarget_raw":"${node.linkTarget.toString('base64')}"`;
  }
  if (node.extendedAttributes.length > 0) {
    const attributes = node.extendedAttributes.map(
      ({ name, value }) => `{"name":${encodeJsonBytes(name)},"value":"${value.toString('base64')}"}`,
    );
    json += `,"extended_attributes":[${attributes.join(',')}]`;
  }
  if (node.genericAttributes !== '') json += `,"generic_attributes":${node.genericAttributes}`;
  if (node.device !== 0) json += `,"device":${node.device}`;
  json += node.content === null ? ',"content":null' : `,"content":[${node.content.map((id) => `"${id}"`).join(',')}]`;
  if (node.subtree !== null) json += `,"subtree":"${node.subtree}"`;
  if (node.error !== '') json += `,"error":${encodeJsonText(node.error)}`;
  return `${json}}`;
}

/** The first part of an encoded node, from its name to its links: all that `stat` says but a device's number. */
export function encodeNodeHead(node: TreeNode): string {
  let json = `{"name":${encodeName(node.name)},"type":${encodeJsonText(node.type)}`;
  if (node.mode !== 0) json += `,"mode":${node.mode}`;
  json += `,"mtime":"${node.mtime}","atime":"${node.atime}","ctime":"${node.ctime}","uid":${node.uid},"gid":${node.gid}`;
  if (node.user !== '') json += `,"user":${encodeJsonText(node.user)}`;
  if (node.group !== '') json += `,"group":${encodeJsonText(node.group)}`;
  if (node.inode !== 0n) json += `,"inode":${node.inode}`;
  if (node.deviceId !== 0n) json += `,"device_id":${node.deviceId}`;
  if (node.size !== 0) json += `,"size":${node.size}`;
  if (node.links !== 0) json += `,"links":${node.links}`;
  return json;
}

/** What is wrong with a tree, in words for a person; `hostile` when it holds a name that could lead out of the folder. */
export interface TreeFault {
  readonly fault: string;
  readonly hostile: boolean;
}

/**
 * Decodes a folder. Unknown fields are ignored, absent ones get their zero value. Returns the fault when the JSON, a
 * field or a name is wrong: names that are empty, `.`, `..`, hold a slash or a zero byte, or stand twice are faults.
 */
export function decodeTree(plaintext: Buffer): readonly TreeNode[] | TreeFault {
  const parsed = parseJson(plaintext);
  if (!isRecord(parsed)) return faulty('it is not JSON');
  const entries = parsed.nodes ?? [];
  if (!Array.isArray(entries)) return faulty('it has no list of nodes');
  const nodes: TreeNode[] = [];
  let ascending = true;
  let previous: TreeNode | null = null;
  for (let at = 0; at < entries.length; at += 1) {
    const node = decodeNode(entries[at]);
    if ('fault' in node) return node;
    // What was parsed goes as nodes are made of it: of a folder with a million entries both would fill the memory.
    entries[at] = null;
    ascending &&= previous === null || Buffer.compare(previous.name, node.name) < 0;
    nodes.push(node);
    previous = node;
  }
  const repeated = ascending ? null : findRepeatedName(nodes);
  return repeated === null ? nodes : faulty(`the name ${quote(repeated)} stands twice`);
}

function findRepeatedName(nodes: readonly TreeNode[]): Buffer | null {
  const names = new Set<string>();
  for (const { name } of nodes) {
    const key = name.toString('latin1');
    if (names.has(key)) return name;
    names.add(key);
  }
  return null;
}

function decodeNode(entry: unknown): TreeNode | TreeFault {
  if (!isRecord(entry) || typeof entry.name !== 'string') return faulty('a node has no name');
  const name = unquote(entry.name);
  if (name === null) return faulty('a name is not quoted rightly');
  const impossible = impossibleName(name);
  if (impossible !== null) return { fault: `the name "${quote(name)}" ${impossible}`, hostile: true };

  const { type } = entry;
  if (typeof type !== 'string') return wrongField(name, 'type');
  const mtime = timeField(entry.mtime);
  const atime = entry.atime === entry.mtime ? mtime : timeField(entry.atime);
  const ctime = entry.ctime === entry.mtime ? mtime : timeField(entry.ctime);
  if (mtime === null || atime === null || ctime === null) return wrongField(name, 'time');
  const mode = numberField(entry.mode);
  const uid = numberField(entry.uid);
  const gid = numberField(entry.gid);
  const size = numberField(entry.size);
  const links = numberField(entry.links);
  const device = numberField(entry.device);
  // NaN makes the sum NaN: which field it is matters only then.
  if (Number.isNaN(mode + uid + gid + size + links + device)) {
    const numbers = Object.entries({ mode, uid, gid, size, links, device });
    return wrongField(name, numbers.find(([, value]) => Number.isNaN(value))?.[0] ?? 'number');
  }
  const inode = integerField(entry.inode);
  const deviceId = integerField(entry.device_id);
  if (inode === null || deviceId === null) return wrongField(name, 'inode or device_id');
  const extendedAttributes = attributesField(entry.extended_attributes);
  if (extendedAttributes === null) return wrongField(name, 'extended attribute');
  const { content = null, subtree = null } = entry;
  if (content !== null && !isIdList(content)) return wrongField(name, 'content');
  if (type === 'file' && content === null) return wrongField(name, 'content: a file needs a list');
  if (subtree !== null && !isId(subtree)) return wrongField(name, 'subtree');
  if (type === 'dir' && subtree === null) return wrongField(name, 'subtree: a folder needs one');
  const genericAttributes = genericAttributesField(entry.generic_attributes);
  if (genericAttributes === null) return wrongField(name, 'generic attribute');
  return {
    name,
    type,
    mode,
    uid,
    gid,
    size,
    links,
    device,
    mtime,
    atime,
    ctime,
    inode,
    deviceId,
    user: textField(entry.user),
    group: textField(entry.group),
    linkTarget: linkTargetField(entry.linktarget_raw, textField(entry.linktarget)),
    extendedAttributes,
    genericAttributes,
    content,
    subtree: subtree === null ? null : asBlobId(subtree),
    error: textField(entry.error),
  };
}

function wrongField(name: Buffer, field: string): TreeFault {
  return faulty(`${quote(name)} has a wrong ${field}`);
}

/** Says why no file system can have this name, or null when one can. */
function impossibleName(name: Buffer): string | null {
  if (name.length === 0) return 'is empty';
  let hasZero = false;
  for (let at = 0; at < name.length; at += 1) {
    if (name[at] === slash) return 'holds a slash';
    hasZero ||= name[at] === 0;
  }
  if (hasZero) return 'holds a zero byte';
  const isDots = name[0] === dot && (name.length === 1 || (name.length === 2 && name[1] === dot));
  return isDots ? 'leads out of its folder' : null;
}

function isIdList(value: unknown): value is readonly BlobId[] {
  return Array.isArray(value) && value.every(isId);
}

function textField(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function timeField(value: unknown): string | null {
  if (value === undefined) return zeroTime;
  return typeof value === 'string' && isTime(value) ? value : null;
}

/** A whole number from 0 to 2^53; NaN marks anything else. */
function numberField(value: unknown): number {
  if (value === undefined || value === null) return 0;
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : Number.NaN;
}

function integerField(value: unknown): bigint | null {
  if (value === undefined || value === null) return 0n;
  if (typeof value === 'bigint') return value;
  return Number.isSafeInteger(value) && (value as number) >= 0 ? BigInt(value as number) : null;
}

function linkTargetField(raw: unknown, target: string): Buffer {
  if (typeof raw === 'string') return Buffer.from(raw, 'base64');
  return target === '' ? noLinkTarget : Buffer.from(target, 'utf8');
}

function attributesField(value: unknown): readonly ExtendedAttribute[] | null {
  if (value === undefined || value === null) return noAttributes;
  if (!Array.isArray(value)) return null;
  const attributes: ExtendedAttribute[] = [];
  for (const entry of value as readonly unknown[]) {
    if (!isRecord(entry) || typeof entry.name !== 'string') return null;
    if (entry.value !== null && typeof entry.value !== 'string') return null;
    attributes.push({ name: Buffer.from(entry.name, 'utf8'), value: Buffer.from(entry.value ?? '', 'base64') });
  }
  return attributes;
}

function genericAttributesField(value: unknown): string | null {
  if (!isRecord(value)) return '';
  try {
    // A number in them may have been read as one of the node's own long ones.
    return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? Number(inner) : inner));
  } catch {
    // Nested deeper than the stack reaches, as no program writes it.
    return null;
  }
}

/** Inode and device numbers go up to 2^64, beyond a double: those are read from the text, which costs time, only when there is one. */
const longNumber = /"(?:inode|device_id)" ?: ?\d{16}/;

function parseJson(plaintext: Buffer): unknown {
  try {
    // Fails for more than a string can hold, half a GiB.
    const text = plaintext.toString('utf8');
    if (!longNumber.test(text)) return JSON.parse(text);
    return JSON.parse(text, (key: string, value: unknown, context?: { readonly source?: string }) =>
      (key === 'inode' || key === 'device_id') && typeof value === 'number' && /^\d+$/.test(context?.source ?? '')
        ? BigInt.asUintN(64, BigInt(context?.source ?? 0))
        : value,
    );
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function faulty(fault: string): TreeFault {
  return { fault, hostile: false };
}
