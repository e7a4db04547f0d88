import { asBlobId, isId, type BlobId } from '../format/blob.ts';
import { encodeNodeHead } from '../format/tree.ts';
import { toNodeMode, type NodeType } from '../format/node-mode.ts';
import type { BlobIndex } from '../index/blob-index.ts';
import type { FileStat } from '../posix/file-stat.ts';
import { accountNames } from '../posix/user-names.ts';
import { encodeJsonText, unquote } from '../format/go-text.ts';
import { describeNode } from './describe-node.ts';

const start = ascii('{"nodes":[');
const nameMark = ascii('{"name":"');
const modeMark = ascii(',"mode":');
const mtimeMark = ascii(',"mtime":"');
const atimeMark = ascii('","atime":"');
const ctimeMark = ascii('","ctime":"');
const inodeMark = ascii(',"inode":');
const deviceMark = ascii(',"device_id":');
const sizeMark = ascii(',"size":');
const linksMark = ascii(',"links":');
const contentMark = ascii(',"content":[');
const subtreeMark = ascii(',"content":null,"subtree":"');
const typeMarks: Readonly<Record<NodeType, Uint8Array>> = {
  file: ascii('","type":"file"'),
  dir: ascii('","type":"dir"'),
  symlink: ascii('","type":"symlink"'),
  dev: ascii('","type":"dev"'),
  chardev: ascii('","type":"chardev"'),
  fifo: ascii('","type":"fifo"'),
};
const idLength = 64;
/** Of an id in a list: its digits, two quotes, and a comma or the closing bracket. */
const idStep = idLength + 3;
/** Numbers of so many digits are exact in a double. */
const exactDigits = 15;
const [quoteMark, comma, backslash, opening, closing, bracket] = [0x22, 0x2c, 0x5c, 0x7b, 0x7d, 0x5d];
const [zero, nine, dash, letterT, colon, dot, letterZ] = [0x30, 0x39, 0x2d, 0x54, 0x3a, 0x2e, 0x5a];
/** Days before each month of a year that is no leap year. */
const daysBefore = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365];
/** Fields up to the links that are left out of a node when they are zero or empty. */
const zeroFields = ['user', 'group', 'inode', 'device_id', 'size', 'links'];
const leapDaysBefore1970 = 477;

/**
 * A folder's tree in the parent snapshot, compared with what the walk finds, entry by entry in the order of names. The
 * bytes of the tree are compared as they stand: of an unchanged entry nothing is decoded or encoded.
 */
export class ParentFolder {
  readonly #bytes: Buffer;
  /** Where the entry starts that was not passed yet. */
  #position: number;
  /** Where the comparison stands within it. */
  #at = 0;
  #hasPassed = false;

  /** `plaintext` is the tree as it is stored. One that another program wrote in its own way has no entry to take. */
  constructor(plaintext: Buffer) {
    this.#bytes = plaintext;
    this.#position = this.#startsWith(start, 0) ? start.length : plaintext.length;
  }

  /** Whether all entries were taken, and none was passed. */
  get allTaken(): boolean {
    return !this.#hasPassed && this.#bytes[this.#position] === bracket && this.#bytes[this.#position + 1] === closing;
  }

  /**
   * Takes the entry of a name if it is as `stat` says; null when it differs, or when there is none. `name` holds a byte in
   * each character. Names are asked for in ascending order: entries before the name are passed.
   */
  take(name: string, type: NodeType, stat: FileStat): UnchangedNode | null {
    if (!this.#pass(name)) return null;
    const from = this.#position;
    if (!this.#matches(name, type, stat) && !this.#startsWith(headOf(name, type, stat), from)) return null;
    // A number at the end of what was compared might go on.
    if (this.#bytes[this.#at] !== comma) return null;
    const node = this.#readContent(from) ?? this.#readSubtree(from) ?? this.#readOther(from);
    if (node !== null) this.#position = this.#bytes[node.end] === comma ? node.end + 1 : node.end;
    return node;
  }

  /** The JSON of an entry that `take` was just asked for and has not given; null when it is not the one that comes next. */
  find(name: string): string | null {
    const from = this.#position;
    if (this.#compareName(name) !== 0) return null;
    const end = this.#endOfObject(from + 1);
    return end === null ? null : this.#bytes.toString('utf8', from, end);
  }

  /** Passes the entries of smaller names. Tells whether the entry of `name` comes next. */
  #pass(name: string): boolean {
    for (;;) {
      const order = this.#compareName(name);
      if (order === null || order > 0) return false;
      if (order === 0) return true;
      const end = this.#endOfObject(this.#position + 1);
      if (end === null) return false;
      this.#position = this.#bytes[end] === comma ? end + 1 : end;
      this.#hasPassed = true;
    }
  }

  /** How the name of the next entry compares with another one; null when there is no entry. */
  #compareName(name: string): number | null {
    const bytes = this.#bytes;
    if (!this.#startsWith(nameMark, this.#position)) return null;
    const from = this.#at;
    for (let length = 0; ; length += 1) {
      const byte = bytes[from + length];
      if (byte === undefined) return null;
      if (byte === backslash) return this.#compareEscaped(name, from);
      if (byte === quoteMark) return length - name.length;
      const wanted = name.charCodeAt(length);
      if (byte === wanted) continue;
      // An escape further on stands for bytes that come later in any case.
      return Number.isNaN(wanted) ? 1 : byte - wanted;
    }
  }

  #compareEscaped(name: string, from: number): number | null {
    let end = from;
    for (; this.#bytes[end] !== quoteMark; end += this.#bytes[end] === backslash ? 2 : 1) {
      if (end >= this.#bytes.length) return null;
    }
    const text = parse(this.#bytes.toString('utf8', from - 1, end + 1));
    const unquoted = typeof text === 'string' ? unquote(text) : null;
    return unquoted === null ? null : Buffer.compare(unquoted, Buffer.from(name, 'latin1'));
  }

  /**
   * Compares the next entry, whose name is right, from its type to its links, and leaves `#at` behind them. False also for
   * what is rare: names with escapes, times before 1970, larger numbers. Those are compared as text.
   */
  #matches(name: string, type: NodeType, stat: FileStat): boolean {
    this.#at = this.#position + nameMark.length + name.length;
    return (
      this.#skip(typeMarks[type]) &&
      this.#number(modeMark, toNodeMode(type, stat.mode)) &&
      this.#times(stat) &&
      this.#skip(ownerMark(stat.uid, stat.gid)) &&
      this.#number(inodeMark, Number(stat.inode)) &&
      this.#number(deviceMark, Number(stat.deviceId)) &&
      this.#number(sizeMark, type === 'file' ? stat.size : 0) &&
      this.#number(linksMark, type === 'dir' || type === 'fifo' ? 0 : stat.links)
    );
  }

  #times(stat: FileStat): boolean {
    if (!this.#skip(mtimeMark)) return false;
    const from = this.#at;
    if (!this.#time(stat.mtimeSeconds, stat.mtimeNanoseconds)) return false;
    const length = this.#at - from;
    if (!this.#skip(atimeMark)) return false;
    // The access time is stored as the modification time.
    for (let at = 0; at < length; at += 1) {
      if (this.#bytes[this.#at + at] !== this.#bytes[from + at]) return false;
    }
    this.#at += length;
    if (!this.#skip(ctimeMark) || !this.#time(stat.ctimeSeconds, stat.ctimeNanoseconds)) return false;
    return this.#bytes[this.#at++] === quoteMark;
  }

  /** Compares a time as `formatTime` writes it, such as `2026-11-23T08:05:00.25Z`. */
  #time(wantedSeconds: number, wantedNanoseconds: number): boolean {
    const bytes = this.#bytes;
    const at = this.#at;
    const year = this.#digits(at, 4);
    const month = this.#digits(at + 5, 2);
    const day = this.#digits(at + 8, 2);
    const hour = this.#digits(at + 11, 2);
    const minute = this.#digits(at + 14, 2);
    const second = this.#digits(at + 17, 2);
    const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 1 : 0;
    const before = daysBefore[month - 1];
    const after = daysBefore[month];
    if (before === undefined || after === undefined || day < 1 || day > after - before + (month === 2 ? leap : 0)) {
      return false;
    }
    if (year < 1970 || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return false;
    if (bytes[at + 4] !== dash || bytes[at + 7] !== dash || bytes[at + 10] !== letterT) return false;
    if (bytes[at + 13] !== colon || bytes[at + 16] !== colon) return false;
    const past = year - 1;
    const leapDays = Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400) - leapDaysBefore1970;
    const days = (year - 1970) * 365 + leapDays + before + (month > 2 ? leap : 0) + day - 1;
    const seconds = ((days * 24 + hour) * 60 + minute) * 60 + second;

    let end = at + 19;
    let fraction = 0;
    if (bytes[end] === dot) {
      let scale = 100_000_000;
      for (end += 1; isDigit(bytes[end]) && scale >= 1; end += 1) {
        fraction += ((bytes[end] as number) - zero) * scale;
        scale /= 10;
      }
      if (bytes[end - 1] === zero || end === at + 20) return false;
    }
    if (bytes[end] !== letterZ) return false;
    this.#at = end + 1;
    return seconds === wantedSeconds && fraction === wantedNanoseconds;
  }

  /** So many digits as a number; -1 when something else stands there. */
  #digits(from: number, count: number): number {
    let value = 0;
    for (let at = from; at < from + count; at += 1) {
      const byte = this.#bytes[at];
      if (!isDigit(byte)) return -1;
      value = value * 10 + (byte as number) - zero;
    }
    return value;
  }

  /** Compares a field with a number; zero is not written. */
  #number(mark: Uint8Array, wanted: number): boolean {
    if (wanted === 0) return true;
    if (!this.#skip(mark) || this.#bytes[this.#at] === zero) return false;
    const from = this.#at;
    let value = 0;
    for (; isDigit(this.#bytes[this.#at]); this.#at += 1) value = value * 10 + (this.#bytes[this.#at] as number) - zero;
    return value === wanted && this.#at - from <= exactDigits;
  }

  #skip(mark: Uint8Array): boolean {
    return this.#startsWith(mark, this.#at);
  }

  /** Whether a text stands at a place; leaves `#at` behind it then. */
  #startsWith(mark: Uint8Array, from: number): boolean {
    for (let at = 0; at < mark.length; at += 1) if (this.#bytes[from + at] !== mark[at]) return false;
    this.#at = from + mark.length;
    return true;
  }

  /** A file without anything but its content: nearly all. */
  #readContent(from: number): UnchangedNode | null {
    const head = this.#at;
    if (!this.#skip(contentMark)) return null;
    const first = this.#at;
    this.#at = head;
    const bytes = this.#bytes;
    let end = first;
    while (bytes[end] === quoteMark) {
      if (bytes[end + idLength + 1] !== quoteMark) return null;
      end += idStep;
      if (bytes[end - 1] === bracket) break;
    }
    const count = (end - first) / idStep;
    if (count === 0) end += 1;
    if (bytes[end - 1] !== bracket || bytes[end] !== closing) return null;
    return new UnchangedNode(bytes, from, end + 1, { first, count }, null);
  }

  /** A folder without anything but its tree. */
  #readSubtree(from: number): UnchangedNode | null {
    const head = this.#at;
    if (!this.#skip(subtreeMark)) return null;
    const first = this.#at;
    this.#at = head;
    const end = first + idLength;
    const id = this.#bytes.toString('latin1', first, end);
    if (!isId(id) || this.#bytes[end] !== quoteMark || this.#bytes[end + 1] !== closing) return null;
    return new UnchangedNode(this.#bytes, from, end + 2, [], asBlobId(id));
  }

  /** Anything else, such as links and what has extended attributes. */
  #readOther(from: number): UnchangedNode | null {
    const end = this.#endOfObject(this.#at);
    if (end === null) return null;
    const rest: unknown = parse(`{"head":0${this.#bytes.toString('utf8', this.#at, end)}`);
    if (typeof rest !== 'object' || rest === null) return null;
    // What `stat` gives as zero is not written, and has not been compared with what stands here.
    if (zeroFields.some((field) => field in rest)) return null;
    const { content, subtree } = rest as { readonly content?: unknown; readonly subtree?: unknown };
    const ids = Array.isArray(content) ? (content as readonly unknown[]) : [];
    if (!ids.every(isId)) return null;
    return new UnchangedNode(this.#bytes, from, end, ids.map(asBlobId), isId(subtree) ? asBlobId(subtree) : null);
  }

  /** Behind the closing brace of the JSON object in which a place lies; null when there is none. */
  #endOfObject(from: number): number | null {
    const bytes = this.#bytes;
    let depth = 1;
    let quoted = false;
    for (let at = from; at < bytes.length; at += 1) {
      const byte = bytes[at];
      if (quoted) {
        if (byte === backslash) at += 1;
        else if (byte === quoteMark) quoted = false;
      } else if (byte === quoteMark) quoted = true;
      else if (byte === opening) depth += 1;
      else if (byte === closing) depth -= 1;
      if (depth === 0) return at + 1;
    }
    return null;
  }
}

/** An entry that stands in the parent's tree as it would be written now. */
export class UnchangedNode {
  readonly #bytes: Buffer;
  readonly #start: number;
  /** Where it ends in the tree. */
  readonly end: number;
  /** Ids of its blobs, or where they stand in the tree. */
  readonly #content: readonly BlobId[] | { readonly first: number; readonly count: number };
  readonly subtree: BlobId | null;

  constructor(
    bytes: Buffer,
    start: number,
    end: number,
    content: readonly BlobId[] | { readonly first: number; readonly count: number },
    subtree: BlobId | null,
  ) {
    this.#bytes = bytes;
    this.#start = start;
    this.end = end;
    this.#content = content;
    this.subtree = subtree;
  }

  /** The node's text, as it stands in a folder. */
  get text(): string {
    return this.#bytes.toString('utf8', this.#start, this.end);
  }

  /** Whether the repository has all of its content. */
  isStoredIn(index: BlobIndex): boolean {
    const content = this.#content;
    if (!('first' in content)) return content.every((id) => index.has('data', id));
    for (let number = 0; number < content.count; number += 1) {
      if (!index.hasDigits('data', this.#bytes, content.first + number * idStep + 1)) return false;
    }
    return true;
  }
}

let lastOwner = { uid: -1, gid: -1, mark: new Uint8Array() };

/** Neighbours in a folder mostly have one owner. */
function ownerMark(uid: number, gid: number): Uint8Array {
  if (uid !== lastOwner.uid || gid !== lastOwner.gid) {
    const user = accountNames().userName(uid);
    const group = accountNames().groupName(gid);
    let text = `,"uid":${uid},"gid":${gid}`;
    if (user !== '') text += `,"user":${encodeJsonText(user)}`;
    if (group !== '') text += `,"group":${encodeJsonText(group)}`;
    lastOwner = { uid, gid, mark: Buffer.from(text) };
  }
  return lastOwner.mark;
}

/** The bytes of a node up to its links. */
function headOf(name: string, type: NodeType, stat: FileStat): Buffer {
  const size = type === 'file' ? stat.size : 0;
  return Buffer.from(
    encodeNodeHead(describeNode(Buffer.from(name, 'latin1'), type, stat, { extendedAttributes: [], size })),
  );
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= zero && byte <= nine;
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'latin1'));
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}
