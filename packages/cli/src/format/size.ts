const units = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** A size in bytes as a person reads it: `0 B`, `999 B`, `1.4 GiB`, `123 MiB`. Powers of 1024, as the unit says. */
export function formatSize(bytes: number): string {
  if (bytes < 1024) return `${Math.round(bytes)} B`;
  let value = bytes;
  let unit = 'B';
  for (const next of units) {
    value /= 1024;
    unit = next;
    if (Number(value.toFixed(0)) < 1024) break;
  }
  return `${value < 99.95 ? value.toFixed(1) : value.toFixed(0)} ${unit}`;
}

/** A rate in bytes per second: `88.0 MiB/s`. */
export function formatRate(bytesPerSecond: number): string {
  return `${formatSize(bytesPerSecond)}/s`;
}
