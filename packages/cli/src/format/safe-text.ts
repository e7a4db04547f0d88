/**
 * C0 and C1 control characters, line and paragraph separators, and the characters that turn the direction of text: a file
 * may bear them in its name, and a terminal would obey them.
 */
const unsafe = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Text from outside (a path, a name, a message) as it may be shown on a terminal: control characters are written out. */
export function safeText(text: string): string {
  return text.replace(unsafe, (character) => {
    const code = character.charCodeAt(0);
    return short[character] ?? (code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`);
  });
}

/** Like {@link safeText}, for text that holds several lines. */
export function safeLines(text: string): string {
  return text.split('\n').map(safeText).join('\n');
}
