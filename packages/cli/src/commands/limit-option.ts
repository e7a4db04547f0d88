import { Option } from 'commander';
import { wholeNumber } from './option-values.ts';

/** `--limit`, as every list takes it. */
export function limitOption(): Option {
  return new Option('--limit <count>', 'at most so many').argParser(wholeNumber(1, 1000)).default(50);
}
