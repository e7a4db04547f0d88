/** Which packs a check reads. */
export type ReadSelection =
  | { readonly kind: 'all' }
  /** One of `of` parts of about the same size; the parts together are all packs. */
  | { readonly kind: 'part'; readonly part: number; readonly of: number }
  /** A share of the bytes, above 0 and up to 100. */
  | { readonly kind: 'percent'; readonly percent: number }
  /** So many bytes, to the end of the last pack. */
  | { readonly kind: 'bytes'; readonly bytes: number }
  /** As much as it takes for every byte to be read once in so many seconds. Needs a record of what was read when. */
  | { readonly kind: 'period'; readonly seconds: number };

/** restic knows parts by the first byte of a pack's id, so there are at most 256. */
const mostParts = 256;
const units = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 } as const;

/**
 * Reads what restic's `--read-data-subset` takes: `n/t`, a percentage such as `2.5%`, or bytes with the unit K, M, G or
 * T. Returns null for anything else.
 */
export function parseReadSelection(text: string): ReadSelection | null {
  const parts = /^(\d{1,3})\/(\d{1,3})$/.exec(text);
  if (parts !== null) {
    const [part, of] = [Number(parts[1]), Number(parts[2])];
    return part >= 1 && part <= of && of <= mostParts ? { kind: 'part', part, of } : null;
  }
  const share = /^(\d{1,3}(?:\.\d+)?)%$/.exec(text);
  if (share !== null) {
    const percent = Number(share[1]);
    return percent > 0 && percent <= 100 ? { kind: 'percent', percent } : null;
  }
  const size = /^(\d{1,15}(?:\.\d+)?)([kmgt]?)$/i.exec(text);
  if (size === null) return null;
  const bytes = Math.ceil(Number(size[1]) * units[(size[2] ?? '').toUpperCase() as keyof typeof units]);
  return bytes > 0 && Number.isSafeInteger(bytes) ? { kind: 'bytes', bytes } : null;
}
