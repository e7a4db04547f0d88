import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fillContent } from './fill-content.ts';
import type { ContentKind, LinePools } from './line-pools.ts';
import { RandomNumbers } from './random-numbers.ts';

/** A file of a generated tree. */
export interface PlannedContent {
  /** Path relative to the tree. */
  readonly path: string;
  readonly size: number;
  readonly kind: ContentKind;
  /** Files with the same number have the same content, as far as their sizes go. */
  readonly content: number;
}

/** Kinds as they occur among files, with the ending of their names and how much larger than others they are. */
const kinds: readonly {
  readonly kind: ContentKind;
  readonly share: number;
  readonly ending: string;
  readonly factor: number;
}[] = [
  { kind: 'code', share: 0.45, ending: 'ts', factor: 0.6 },
  { kind: 'prose', share: 0.2, ending: 'md', factor: 0.8 },
  { kind: 'log', share: 0.1, ending: 'log', factor: 2.5 },
  { kind: 'records', share: 0.13, ending: 'bin', factor: 2 },
  { kind: 'random', share: 0.12, ending: 'jpg', factor: 2 },
];
const spreadOfSizes = 1.6;
const largestFile = 32 * 1024 * 1024;
const shareOfCopies = 0.03;
const filesInFolder = 12;
const foldersInFolder = 16;

/**
 * Plans a tree of `count` files that hold `bytes` in all (to within a percent or so), with sizes as in home folders and
 * source trees: log-normal, most files of a few KiB, few large ones. Source of the shape: Agrawal et al., "A Five-Year
 * Study of File-System Metadata", FAST 2007.
 */
export function planFiles(seed: string, count: number, bytes: number): PlannedContent[] {
  const random = new RandomNumbers(seed, 'files');
  const drawn = Array.from({ length: count }, (_, content) => {
    const { kind, ending, factor } = chooseKind(random);
    return { kind, ending, content, weight: Math.exp(random.normal() * spreadOfSizes) * factor };
  });
  const perWeight = bytes / drawn.reduce((sum, { weight }) => sum + weight, 0);
  return drawn.map((own, number) => {
    const copied = random.fraction() < shareOfCopies ? random.choose(drawn) : own;
    const size = Math.min(largestFile, Math.round(copied.weight * perWeight));
    return { path: placeOf(number, copied.ending), size, kind: copied.kind, content: copied.content };
  });
}

/** Writes the planned files into `folder`, which is made. */
export function writeFiles(folder: string, files: readonly PlannedContent[], pools: LinePools, seed: string): void {
  const buffer = Buffer.allocUnsafe(largestFile);
  const made = new Set<string>();
  for (const { path, size, kind, content } of files) {
    const target = join(folder, path);
    if (!made.has(dirname(target))) mkdirSync(dirname(target), { recursive: true });
    made.add(dirname(target));
    fillContent(buffer.subarray(0, size), kind, pools, seed, 'content', content);
    writeFileSync(target, buffer.subarray(0, size));
  }
}

function chooseKind(random: RandomNumbers): (typeof kinds)[number] {
  let left = random.fraction();
  for (const kind of kinds) {
    left -= kind.share;
    if (left < 0) return kind;
  }
  return chooseKind(random);
}

/** A place in folders of folders, three levels deep. */
function placeOf(number: number, ending: string): string {
  const folder = Math.floor(number / filesInFolder);
  const inner = folder % foldersInFolder;
  const middle = Math.floor(folder / foldersInFolder) % foldersInFolder;
  const outer = Math.floor(folder / foldersInFolder ** 2);
  return `project-${outer}/module-${middle}/part-${inner}/${number.toString(36)}.${ending}`;
}
