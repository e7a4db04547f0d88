import { readFileSync } from 'node:fs';

/** One block of commands of a document, as a person copies it into a shell. */
export interface DocumentedBlock {
  /** The heading above it. */
  readonly section: string;
  readonly text: string;
}

/** The blocks of a Markdown document that are marked as `sh`, in their order. */
export const documentedBlocks = (path: string): readonly DocumentedBlock[] => {
  const blocks: DocumentedBlock[] = [];
  let section = '';
  for (const part of readFileSync(path, 'utf8').matchAll(/^## (?<heading>.+)$|^```sh\n(?<text>[\s\S]*?)^```$/gm)) {
    const { heading, text } = part.groups ?? {};
    if (heading !== undefined) section = heading;
    else blocks.push({ section, text: text ?? '' });
  }
  return blocks;
};
