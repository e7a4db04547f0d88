/** A count with its thousands apart: `23,114`. Made without Intl, whose first formatter takes 15 ms of each command. */
export function formatCount(value: number): string {
  return value.toFixed(0).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** A count with its noun: `1 file`, `23,114 files`. The plural is given when it is not the noun with an s. */
export function formatCounted(value: number, noun: string, plural = `${noun}s`): string {
  return `${formatCount(value)} ${value === 1 ? noun : plural}`;
}
