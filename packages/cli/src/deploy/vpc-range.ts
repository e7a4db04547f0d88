/** Private ranges of RFC 1918, as first address and length of the prefix. */
const privateRanges = [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const;

/**
 * Why a range such as `10.60.0.0/16` cannot be the VPC's: its numbers are none of an address, it does not start where a
 * range of its length starts, or it is not private. Null when it can.
 */
export function vpcRangeFault(range: string): string | null {
  const [address = '', length = ''] = range.split('/');
  const number = addressNumber(address);
  if (number === null) return 'each of its four numbers must be from 0 to 255';
  const size = 2 ** (32 - Number(length));
  if (number % size !== 0) {
    return `a range of /${length} starts at ${addressText(number - (number % size))}, so write ${addressText(number - (number % size))}/${length}`;
  }
  const isPrivate = privateRanges.some(([first, bits]) => {
    const start = addressNumber(first) ?? 0;
    return number >= start && number + size <= start + 2 ** (32 - bits);
  });
  return isPrivate ? null : `it must lie in ${privateRanges.map(([first, bits]) => `${first}/${bits}`).join(', ')}`;
}

function addressNumber(address: string): number | null {
  const parts = address.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part <= 255))) return null;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

function addressText(number: number): string {
  return [24, 16, 8, 0].map((bits) => Math.floor(number / 2 ** bits) % 256).join('.');
}
