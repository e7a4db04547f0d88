import { SeededNumbers } from '../random-history.ts';

/** Contents that all agents of a seed use: what one stored, the others count on. */
export function sharedContents(seed: string): Buffer[] {
  const numbers = new SeededNumbers(`${seed} shared`);
  return Array.from({ length: 16 }, () => numbers.bytes(1 + numbers.next(40_000)));
}
