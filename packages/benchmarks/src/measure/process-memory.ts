import { readFileSync } from 'node:fs';

/** What a tree of processes holds now. */
interface TreeMemory {
  /** Sum of the proportional set sizes: a page that several processes share counts once. */
  readonly proportional: number;
  /** Largest peak of the resident set of a single one, kept by the kernel, so that no short peak is missed. */
  readonly largestPeak: number;
}

/**
 * The memory of the process `root` and its descendants in bytes, without `root` itself, which is the shell that measures.
 * Source: proc(5), smaps_rollup and status. Processes that end meanwhile count as nothing.
 */
export function readTreeMemory(root: number): TreeMemory {
  let proportional = 0;
  let largestPeak = 0;
  for (const pid of descendantsOf(root)) {
    proportional += readField(`/proc/${pid}/smaps_rollup`, 'Pss');
    largestPeak = Math.max(largestPeak, readField(`/proc/${pid}/status`, 'VmHWM'));
  }
  return { proportional, largestPeak };
}

function descendantsOf(pid: number): number[] {
  const children = readOrNothing(`/proc/${pid}/task/${pid}/children`)
    .split(' ')
    .filter((text) => text !== '');
  return children.map(Number).flatMap((child) => [child, ...descendantsOf(child)]);
}

/** A field such as `Pss:   1234 kB`, in bytes; 0 when it is not there. */
function readField(path: string, name: string): number {
  const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readOrNothing(path))?.[1];
  return kibibytes === undefined ? 0 : Number(kibibytes) * 1024;
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
