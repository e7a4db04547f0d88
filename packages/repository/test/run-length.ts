import { randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import { expect } from 'vitest';
import { SeededNumbers } from './random-history.ts';

/** Whether this run tries every case, which takes minutes to hours: the long runs of docs/development.md set LONG_RUN. */
export const isLongRun = process.env['LONG_RUN'] === '1';
/** Decides which cases a short run tries. It is printed; with SEED set to it the same ones are tried again. */
export const seed = process.env['SEED'] ?? randomBytes(4).toString('hex');
const file = basename(expect.getState().testPath ?? '');
process.stdout.write(`${file}: ${isLongRun ? 'every case' : 'some cases'}, SEED=${seed}\n`);

/** All cases in a long run; otherwise up to `count` of them, as the seed and the name of the choice decide, in their order. */
export function chooseCases<Case>(name: string, cases: readonly Case[], count: number): Case[] {
  if (isLongRun || cases.length <= count) return [...cases];
  const numbers = new SeededNumbers(`${seed} ${name}`);
  const chosen = new Set<number>();
  while (chosen.size < count) chosen.add(numbers.next(cases.length));
  return cases.filter((_, at) => chosen.has(at));
}
