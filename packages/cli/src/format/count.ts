const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** A count with its thousands apart: `23,114`. */
export function formatCount(value: number): string {
  return grouped.format(value);
}

/** A count with its noun: `1 file`, `23,114 files`. The plural is given when it is not the noun with an s. */
export function formatCounted(value: number, noun: string, plural = `${noun}s`): string {
  return `${formatCount(value)} ${value === 1 ? noun : plural}`;
}
