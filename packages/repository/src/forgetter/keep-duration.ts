/** A span of calendar units, as restic writes it: `1y5m7d2h`. Each part is a whole number that is not negative. */
export interface KeepDuration {
  readonly years: number;
  readonly months: number;
  readonly days: number;
  readonly hours: number;
}

const units = { y: 'years', m: 'months', d: 'days', h: 'hours' } as const;

/** Reads a duration such as `1y5m7d2h`; of a unit that stands twice the last one counts. Returns null for anything else, and for one of no length. */
export function parseKeepDuration(text: string): KeepDuration | null {
  if (!/^(?:\d{1,6}[ymdh])+$/.test(text)) return null;
  const duration = { years: 0, months: 0, days: 0, hours: 0 };
  for (const [, number = '', unit = 'd'] of text.matchAll(/(\d+)([ymdh])/g)) {
    duration[units[unit as keyof typeof units]] = Number(number);
  }
  return Object.values(duration).some((part) => part > 0) ? duration : null;
}

/** Writes a duration as restic does: largest unit first, without those that are zero. */
export function formatKeepDuration(duration: KeepDuration): string {
  return Object.entries(units)
    .filter(([, unit]) => duration[unit] !== 0)
    .map(([letter, unit]) => `${duration[unit]}${letter}`)
    .join('');
}
