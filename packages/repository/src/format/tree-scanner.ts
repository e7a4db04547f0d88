const treeStart = Buffer.from('{"nodes":[');
const nameStart = Buffer.from('{"name":"');
const typeStart = Buffer.from(',"type":"');
const treeEnd = Buffer.from(']}');
const fileType = Buffer.from('file"');
const folderType = Buffer.from('dir"');
const contentKey = Buffer.from('content":');
const subtreeKey = Buffer.from('subtree":');
const nameKey = Buffer.from('name":');
const typeKey = Buffer.from('type":');
const nothing = Buffer.from('null');

const [quote, comma, colon, backslash, slash, dot, lineFeed, space] = [0x22, 0x2c, 0x3a, 0x5c, 0x2f, 0x2e, 0x0a, 0x20];
const [openingBracket, closingBracket, openingBrace, closingBrace] = [0x5b, 0x5d, 0x7b, 0x7d];
const [zero, nine, upperA, upperF, lowerA, lowerF, lowerU] = [0x30, 0x39, 0x41, 0x46, 0x61, 0x66, 0x75];
/** What may stand behind a backslash, but for a `u`. */
const escapes = new Set(Buffer.from('"\\/bfnrt'));
const words = [nothing, Buffer.from('true'), Buffer.from('false')];
/** Characters of an id. */
export const idDigits = 64;
/** How deep lists and objects may lie in each other; deeper ones are left to others. */
const deepest = 32;

/** What a folder refers to: for each id where its 64 digits begin in the folder's bytes. */
export interface TreeReferences {
  /** Blobs of its files. */
  readonly content: readonly number[];
  /** Trees of the folders in it. */
  readonly subtrees: readonly number[];
}

/**
 * Finds what a folder refers to in the form in which restic and this program write it: compact JSON, names that need no
 * escape, in ascending order. Takes a small part of the time of `decodeTree` and makes no object for a node. Returns null
 * for any other form, which `decodeTree` may still understand; also for names that no file system can have, and for a file
 * without content or a folder without a tree. Of the fields that refer to nothing only the syntax is looked at.
 */
export function scanTree(json: Uint8Array): TreeReferences | null {
  return new TreeScanner(json).scan();
}

class TreeScanner {
  readonly #json: Uint8Array;
  readonly #content: number[] = [];
  readonly #subtrees: number[] = [];
  #at = 0;
  /** Where the name of the node before starts and ends. */
  #lastName = 0;
  #lastNameEnd = 0;

  constructor(json: Uint8Array) {
    this.#json = json;
  }

  scan(): TreeReferences | null {
    if (!this.#take(treeStart)) return null;
    if (this.#json[this.#at] !== closingBracket) {
      do {
        if (!this.#scanNode()) return null;
      } while (this.#takeByte(comma));
    }
    if (!this.#take(treeEnd)) return null;
    this.#takeByte(lineFeed);
    if (this.#at !== this.#json.byteLength) return null;
    return { content: this.#content, subtrees: this.#subtrees };
  }

  #scanNode(): boolean {
    if (!this.#take(nameStart) || !this.#scanName() || !this.#take(typeStart)) return false;
    const needsContent = this.#startsWith(fileType);
    const needsSubtree = this.#startsWith(folderType);
    if (!this.#skipText(true)) return false;
    let hasContent = false;
    let hasSubtree = false;
    while (this.#takeByte(comma)) {
      if (!this.#takeByte(quote)) return false;
      if (this.#take(contentKey)) {
        if (hasContent || !this.#scanContent(needsContent)) return false;
        hasContent = true;
      } else if (this.#take(subtreeKey)) {
        if (hasSubtree || !this.#takeByte(quote) || !this.#scanId(this.#subtrees)) return false;
        hasSubtree = true;
      } else if (this.#startsWith(nameKey) || this.#startsWith(typeKey) || !this.#skipField()) {
        return false;
      }
    }
    return this.#takeByte(closingBrace) && (hasContent || !needsContent) && (hasSubtree || !needsSubtree);
  }

  /** A name without escapes that lies behind the one before it. */
  #scanName(): boolean {
    const json = this.#json;
    const from = this.#at;
    let at = from;
    for (let byte = json[at] as number; byte !== quote; byte = json[at] as number) {
      if (!(byte >= space) || byte === backslash || byte === slash) return false;
      at += 1;
    }
    const length = at - from;
    if (length === 0 || (json[from] === dot && (length === 1 || (length === 2 && json[from + 1] === dot))))
      return false;
    if (this.#lastNameEnd > 0 && !this.#isBehindLast(from, at)) return false;
    this.#lastName = from;
    this.#lastNameEnd = at;
    this.#at = at + 1;
    return true;
  }

  #isBehindLast(from: number, to: number): boolean {
    const json = this.#json;
    const shared = Math.min(this.#lastNameEnd - this.#lastName, to - from);
    for (let at = 0; at < shared; at += 1) {
      const difference = (json[from + at] as number) - (json[this.#lastName + at] as number);
      if (difference !== 0) return difference > 0;
    }
    return to - from > this.#lastNameEnd - this.#lastName;
  }

  /** A list of ids; null where there need be none. */
  #scanContent(isNeeded: boolean): boolean {
    if (!isNeeded && this.#take(nothing)) return true;
    if (!this.#takeByte(openingBracket)) return false;
    if (this.#takeByte(closingBracket)) return true;
    do {
      if (!this.#takeByte(quote) || !this.#scanId(this.#content)) return false;
    } while (this.#takeByte(comma));
    return this.#takeByte(closingBracket);
  }

  /** The digits of an id and the quote behind them. */
  #scanId(found: number[]): boolean {
    const json = this.#json;
    const from = this.#at;
    const to = from + idDigits;
    for (let at = from; at < to; at += 1) {
      const byte = json[at] as number;
      if (!isDigit(byte) && !(byte >= lowerA && byte <= lowerF)) return false;
    }
    found.push(from);
    this.#at = to;
    return this.#takeByte(quote);
  }

  /** The rest of a key, and its value. */
  #skipField(): boolean {
    return this.#skipText(true) && this.#takeByte(colon) && this.#skipValue();
  }

  /** Any value of JSON. */
  #skipValue(depth = 0): boolean {
    switch (this.#json[this.#at]) {
      case quote:
        this.#at += 1;
        return this.#skipText();
      case openingBracket:
        this.#at += 1;
        return depth < deepest && this.#skipList(depth + 1);
      case openingBrace:
        this.#at += 1;
        return depth < deepest && this.#skipObject(depth + 1);
      default:
        return isDigit(this.#json[this.#at]) ? this.#skipNumber() : words.some((word) => this.#take(word));
    }
  }

  /** The rest of a list. */
  #skipList(depth: number): boolean {
    if (this.#takeByte(closingBracket)) return true;
    do {
      if (!this.#skipValue(depth)) return false;
    } while (this.#takeByte(comma));
    return this.#takeByte(closingBracket);
  }

  /** The rest of an object. */
  #skipObject(depth: number): boolean {
    if (this.#takeByte(closingBrace)) return true;
    do {
      if (!this.#takeByte(quote) || !this.#skipText() || !this.#takeByte(colon) || !this.#skipValue(depth))
        return false;
    } while (this.#takeByte(comma));
    return this.#takeByte(closingBrace);
  }

  /** A whole number of zero or more, as all are that belong to a node. */
  #skipNumber(): boolean {
    const json = this.#json;
    const from = this.#at;
    while (isDigit(json[this.#at])) this.#at += 1;
    const digits = this.#at - from;
    return digits === 1 || (digits > 1 && json[from] !== zero);
  }

  /** The rest of a text and its quote. With `isPlain`, false where it has escapes: a key or a type could be any other one. */
  #skipText(isPlain = false): boolean {
    const json = this.#json;
    for (let at = this.#at; at < json.byteLength; at += 1) {
      const byte = json[at] as number;
      if (byte === quote) {
        this.#at = at + 1;
        return true;
      }
      if (byte < space || (isPlain && byte === backslash)) return false;
      if (byte !== backslash) continue;
      at += 1;
      const escaped = json[at] as number;
      if (escaped === lowerU) {
        for (let digit = 1; digit <= 4; digit += 1) if (!isHexDigit(json[at + digit])) return false;
        at += 4;
      } else if (!escapes.has(escaped)) {
        return false;
      }
    }
    return false;
  }

  #startsWith(text: Uint8Array): boolean {
    const json = this.#json;
    const from = this.#at;
    for (let at = 0; at < text.length; at += 1) if (json[from + at] !== text[at]) return false;
    return true;
  }

  #take(text: Uint8Array): boolean {
    if (!this.#startsWith(text)) return false;
    this.#at += text.length;
    return true;
  }

  #takeByte(byte: number): boolean {
    if (this.#json[this.#at] !== byte) return false;
    this.#at += 1;
    return true;
  }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= zero && byte <= nine;
}

function isHexDigit(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  return isDigit(byte) || (byte >= lowerA && byte <= lowerF) || (byte >= upperA && byte <= upperF);
}
