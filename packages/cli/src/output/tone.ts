import { styleText } from 'node:util';

/** What a piece of text means; the terminal's colour follows from it, and where there is none the text is enough. */
export type Tone = 'good' | 'bad' | 'weak' | 'strong' | 'plain';

const styles = { good: 'green', bad: 'red', weak: 'dim', strong: 'bold', plain: 'reset' } as const;

/** Colours `text` for `stream`: not into a pipe, and not where NO_COLOR asks for none. */
export function paint(tone: Tone, text: string, stream: NodeJS.WriteStream): string {
  return tone === 'plain' ? text : styleText(styles[tone], text, { stream, validateStream: true });
}
