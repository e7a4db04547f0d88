import type { ReadFile, UnreadFile } from './file-messages.ts';

/** What came of reading some files, in the form in which it passes between threads: few texts cost a part of what many objects do. */
export interface ReadOutcomes {
  /** Nodes of the files in their order, one in each line; an empty line for each of `others`. */
  readonly nodes: string;
  /** Sizes of what was stored of them, in bytes. */
  readonly sizes: readonly number[];
  /** Files that were not read, and those that have a warning, by their place. */
  readonly others: readonly { readonly at: number; readonly outcome: ReadFile | UnreadFile }[];
}

/** Encodes the outcomes of some files, to be decoded by `decodeOutcomes`. */
export function encodeOutcomes(outcomes: readonly (ReadFile | UnreadFile)[]): ReadOutcomes {
  const nodes: string[] = [];
  const sizes: number[] = [];
  const others: { at: number; outcome: ReadFile | UnreadFile }[] = [];
  for (const [at, outcome] of outcomes.entries()) {
    const isPlain = outcome.kind === 'read' && !outcome.changedWhileRead && outcome.attributeFault === null;
    // JSON has no line breaks but between its parts, where nodes have none.
    nodes.push(isPlain ? outcome.node : '');
    sizes.push(isPlain ? outcome.size : 0);
    if (!isPlain) others.push({ at, outcome });
  }
  return { nodes: nodes.join('\n'), sizes, others };
}

/** Decodes what `encodeOutcomes` has encoded. */
export function decodeOutcomes({ nodes, sizes, others }: ReadOutcomes): (ReadFile | UnreadFile)[] {
  const lines = nodes.split('\n');
  const outcomes = sizes.map((size, at): ReadFile | UnreadFile => ({
    kind: 'read',
    node: lines[at] ?? '',
    size,
    changedWhileRead: false,
    attributeFault: null,
  }));
  for (const { at, outcome } of others) outcomes[at] = outcome;
  return outcomes;
}
