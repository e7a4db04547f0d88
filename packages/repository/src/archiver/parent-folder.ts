import { asBlobId, isId, type BlobId } from '../format/blob.ts';

/** What a parent's tree says of an entry that is unchanged: the node's text as it stands there, and what it refers to. */
export interface UnchangedNode {
  readonly text: string;
  readonly content: readonly BlobId[];
  readonly subtree: BlobId | null;
}

const start = '{"nodes":[';
const contentMark = ',"content":[';
const subtreeMark = ',"content":null,"subtree":"';
const idLength = 64;
/** Of an id in a list: its digits, two quotes, and a comma or the closing bracket. */
const idStep = idLength + 3;

/**
 * A folder's tree in the parent snapshot, compared as text with what the walk finds, entry by entry in the order of names.
 * Every program writes a node's metadata in the same order before what it refers to, so that an unchanged entry begins
 * with the same text, and nothing of the tree has to be decoded.
 */
export class ParentFolder {
  readonly #text: string;
  #position: number;

  /** `text` is the JSON of the tree. */
  constructor(text: string) {
    this.#text = text;
    this.#position = text.startsWith(start) ? start.length : text.length;
  }

  /** Whether all entries were taken. */
  get isAtEnd(): boolean {
    return this.#text.startsWith(']}', this.#position);
  }

  /**
   * Takes the next entry if it begins with `head`, a node up to its links. Otherwise returns null and stays: an entry was
   * added, removed or changed, or another program wrote the tree in a way of its own.
   */
  take(head: string): UnchangedNode | null {
    const text = this.#text;
    if (!text.startsWith(head, this.#position)) return null;
    const tail = this.#position + head.length;
    // A number at the head's end might go on.
    if (text[tail] !== ',') return null;
    const node = this.#readContent(tail) ?? this.#readSubtree(tail) ?? this.#readOther(tail);
    if (node === null) return null;
    const end = tail + node.length;
    const taken = { text: text.slice(this.#position, end), content: node.content, subtree: node.subtree };
    this.#position = text[end] === ',' ? end + 1 : end;
    return taken;
  }

  /** A file without anything but its content: nearly all. */
  #readContent(tail: number): NodeTail | null {
    const text = this.#text;
    if (!text.startsWith(contentMark, tail)) return null;
    const first = tail + contentMark.length;
    const end = text.indexOf(']', first);
    if (end === -1 || text[end + 1] !== '}') return null;
    const content: BlobId[] = [];
    for (let at = first; at < end; at += idStep) {
      const id = text.slice(at + 1, at + 1 + idLength);
      if (!isId(id)) return null;
      content.push(asBlobId(id));
    }
    return { length: end + 2 - tail, content, subtree: null };
  }

  /** A folder without anything but its tree. */
  #readSubtree(tail: number): NodeTail | null {
    const text = this.#text;
    if (!text.startsWith(subtreeMark, tail)) return null;
    const first = tail + subtreeMark.length;
    const id = text.slice(first, first + idLength);
    if (!isId(id) || !text.startsWith('"}', first + idLength)) return null;
    return { length: subtreeMark.length + idLength + 2, content: [], subtree: asBlobId(id) };
  }

  /** Anything else, such as links and what has extended attributes. */
  #readOther(tail: number): NodeTail | null {
    const length = lengthOfRest(this.#text, tail);
    if (length === null) return null;
    const rest: unknown = parse(`{"head":0${this.#text.slice(tail, tail + length)}`);
    if (typeof rest !== 'object' || rest === null) return null;
    const { content, subtree } = rest as { readonly content?: unknown; readonly subtree?: unknown };
    const ids = Array.isArray(content) ? (content as readonly unknown[]) : [];
    if (!ids.every(isId)) return null;
    return { length, content: ids.map(asBlobId), subtree: isId(subtree) ? asBlobId(subtree) : null };
  }
}

/** What follows the head of a node. */
interface NodeTail {
  readonly length: number;
  readonly content: readonly BlobId[];
  readonly subtree: BlobId | null;
}

/** The length of the rest of a JSON object, its closing brace included; null when it has none. */
function lengthOfRest(text: string, from: number): number | null {
  const mark = /"(?:[^"\\]|\\.)*"|[{}]/gs;
  mark.lastIndex = from;
  let depth = 1;
  for (let found = mark.exec(text); found !== null; found = mark.exec(text)) {
    if (found[0] === '{') depth += 1;
    else if (found[0] === '}') depth -= 1;
    if (depth === 0) return mark.lastIndex - from;
  }
  return null;
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}
