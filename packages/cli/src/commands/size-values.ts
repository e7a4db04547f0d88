import { InvalidArgumentError } from 'commander';

const sizes = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 } as const;
const seconds = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** Parses a size such as `500M` or `10G`, in powers of 1024, to bytes. */
export function size(text: string): number {
  const [, number = '', unit = ''] = /^(\d{1,9})([KMGT]?)$/.exec(text) ?? [];
  if (number === '') throw new InvalidArgumentError('It must be a size such as 500M or 10G.');
  return Number(number) * sizes[unit as keyof typeof sizes];
}

/** Parses a share such as `5%`, a size such as `500M`, or `unlimited`. */
export function unusedLimit(text: string): { readonly percent: number } | { readonly bytes: number } | 'unlimited' {
  if (text === 'unlimited') return text;
  const [, percent] = /^(\d{1,2}(?:\.\d{1,3})?)%$/.exec(text) ?? [];
  if (percent !== undefined) return { percent: Number(percent) };
  if (!/^\d+[KMGT]?$/.test(text)) throw new InvalidArgumentError('It must be like 5%, 500M or unlimited.');
  return { bytes: size(text) };
}

/** Parses a span of time such as `90s`, `30m`, `23h` or `7d` to seconds. */
export function duration(text: string): number {
  const [, number = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (number === '') throw new InvalidArgumentError('It must be a duration such as 30m or 23h.');
  return Number(number) * seconds[unit as keyof typeof seconds];
}

/** Parses what restic's --read-data-subset takes: `n/t`, `2.5%` or a size; kept as text, which the engine reads. */
export function readSubset(text: string): string {
  const isPart = /^\d{1,3}\/\d{1,3}$/.test(text);
  if (isPart || /^\d{1,3}(?:\.\d+)?%$/.test(text) || /^\d{1,15}(?:\.\d+)?[kmgt]?$/i.test(text)) return text;
  throw new InvalidArgumentError('It must be like 1/7, 2.5% or 10G.');
}
