import { cpus, totalmem } from 'node:os';

/** Prints a figure of a part of the benchmark on a line of its own. */
export function printFigure(what: string, figure: string): void {
  process.stdout.write(`${what.padEnd(64)} ${figure.padStart(14)}\n`);
}

/** Does some work and prints how long it took. */
export async function timed<Result>(what: string, work: () => Promise<Result> | Result): Promise<Result> {
  const before = performance.now();
  const result = await work();
  printFigure(what, `${((performance.now() - before) / 1000).toFixed(1)} s`);
  return result;
}

/** Prints the most memory that this process has had, with all of its threads. */
export function printMemory(what: string): void {
  printFigure(`${what}, most memory (RSS)`, `${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`);
}

/** The machine that figures were taken on, in a few words. */
export function describeMachine(): string {
  const [first, ...others] = cpus();
  const model = first?.model.trim() ?? 'unknown processor';
  return `${others.length + 1} × ${model}, ${(totalmem() / 1024 ** 3).toFixed(0)} GiB, Node ${process.versions.node}`;
}
