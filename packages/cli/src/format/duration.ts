/** Seconds as a person reads them, in at most two units: `0.4 s`, `12 s`, `3 min 12 s`, `2 h 5 min`, `3 d 4 h`. */
export function formatDuration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return twoUnits(whole, 60, 'min', 's');
  const minutes = Math.round(seconds / 60);
  if (minutes < 24 * 60) return twoUnits(minutes, 60, 'h', 'min');
  return twoUnits(Math.round(seconds / 3600), 24, 'd', 'h');
}

/** Remaining seconds, which are never known to a tenth: `8 s`, `3 min 12 s`. */
export function formatRemaining(seconds: number): string {
  return seconds < 10 ? `${Math.ceil(seconds)} s` : formatDuration(seconds);
}

function twoUnits(value: number, large: number, largeUnit: string, smallUnit: string): string {
  const rest = value % large;
  const head = `${Math.floor(value / large)} ${largeUnit}`;
  return rest === 0 ? head : `${head} ${rest} ${smallUnit}`;
}
