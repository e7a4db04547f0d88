/**
 * How Go writes strings, which the bytes of a tree depend on: `strconv.Quote` for names and `encoding/json` around it.
 * Sources: Go's strconv/quote.go and encoding/json/encode.go.
 */

const plainName = /^[\x20-\x21\x23-\x25\x27-\x3b\x3d\x3f-\x5b\x5d-\x7e]*$/;
/** Printable ASCII that needs no escape. */
const plainText = /^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/;
const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;
const namedEscapes = new Map([
  [0x07, '\\a'],
  [0x08, '\\b'],
  [0x09, '\\t'],
  [0x0a, '\\n'],
  [0x0b, '\\v'],
  [0x0c, '\\f'],
  [0x0d, '\\r'],
  [0x22, '\\"'],
  [0x5c, '\\\\'],
]);
const bytesOfEscapes = new Map([...namedEscapes].map(([byte, escape]) => [escape.slice(1), byte]));
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Decodes UTF-8, or returns null when the bytes are not valid. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    return null;
  }
}

/** A name as it stands in a tree's JSON, with its quotes: Go's Quote, then JSON. */
export function encodeName(name: Buffer): string {
  const text = name.toString('latin1');
  return plainName.test(text) ? `"${text}"` : encodeJsonText(quote(name));
}

/** Escapes a name as `strconv.Quote` does, without the outer quotes: the form in which a name can be shown on a terminal. */
export function quote(name: Buffer): string {
  const text = name.toString('latin1');
  if (plainText.test(text)) return text;
  let quoted = '';
  for (const part of utf8Parts(name)) {
    quoted += typeof part === 'number' ? `\\x${hex(part, 2)}` : quoteCharacter(part);
  }
  return quoted;
}

function quoteCharacter(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  const named = namedEscapes.get(point);
  if (named !== undefined) return named;
  if (printable.test(character)) return character;
  if (point < 0x20 || point === 0x7f) return `\\x${hex(point, 2)}`;
  return point > 0xffff ? `\\U${hex(point, 8)}` : `\\u${hex(point, 4)}`;
}

const escapeSequence = /\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2}|[abfnrtv"\\])/y;

/** Reads a quoted name back into bytes. Returns null for what Go's Unquote refuses: an unknown escape, a bare quote or a line feed. */
export function unquote(quoted: string): Buffer | null {
  if (!quoted.includes('\\')) return /["\n]/.test(quoted) ? null : Buffer.from(quoted, 'utf8');
  const parts: Buffer[] = [];
  for (let at = 0; at < quoted.length;) {
    const next = quoted.indexOf('\\', at);
    const literal = quoted.slice(at, next === -1 ? undefined : next);
    if (/["\n]/.test(literal)) return null;
    parts.push(Buffer.from(literal, 'utf8'));
    if (next === -1) break;
    escapeSequence.lastIndex = next;
    const escape = escapeSequence.exec(quoted)?.[0];
    const bytes = escape === undefined ? null : unescape(escape.slice(1));
    if (escape === undefined || bytes === null) return null;
    parts.push(bytes);
    at = next + escape.length;
  }
  return Buffer.concat(parts);
}

function unescape(escape: string): Buffer | null {
  const named = bytesOfEscapes.get(escape);
  if (named !== undefined) return Buffer.of(named);
  if (escape.startsWith('x')) return Buffer.of(Number.parseInt(escape.slice(1), 16));
  if (!/^[uU]/.test(escape)) return Buffer.of(Number.parseInt(escape, 8));
  const point = Number.parseInt(escape.slice(1), 16);
  const isSurrogate = point >= 0xd800 && point <= 0xdfff;
  return point > 0x10_ffff || isSurrogate ? null : Buffer.from(String.fromCodePoint(point), 'utf8');
}

const jsonEscapes = /["\\&<>\u2028\u2029\u0000-\u001f]/g;

/** A string as Go's encoder writes it, with its quotes: also `&`, `<`, `>` and the two line separators are escaped. */
export function encodeJsonText(text: string): string {
  return `"${text.replace(jsonEscapes, escapeForJson)}"`;
}

/** Bytes as Go's encoder writes a string that holds them: each byte that is not valid UTF-8 becomes the six characters `\ufffd`. */
export function encodeJsonBytes(bytes: Buffer): string {
  const text = decodeUtf8(bytes);
  if (text !== null) return encodeJsonText(text);
  let encoded = '';
  for (const part of utf8Parts(bytes)) {
    encoded += typeof part === 'number' ? '\\ufffd' : part.replace(jsonEscapes, escapeForJson);
  }
  return `"${encoded}"`;
}

function escapeForJson(character: string): string {
  switch (character) {
    case '"':
      return '\\"';
    case '\\':
      return '\\\\';
    case '\n':
      return '\\n';
    case '\r':
      return '\\r';
    case '\t':
      return '\\t';
    default:
      return `\\u${hex(character.charCodeAt(0), 4)}`;
  }
}

/** Splits bytes into valid characters and single bytes that belong to none, as Go's utf8.DecodeRune does. */
function* utf8Parts(bytes: Buffer): Generator<string | number> {
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at] as number;
    const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    const character = at + length <= bytes.length ? decodeUtf8(bytes.subarray(at, at + length)) : null;
    if (character === null) {
      yield first;
      at += 1;
    } else {
      yield character;
      at += length;
    }
  }
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
