/** Characters that a value takes when it is written on one line; a little more than less. */
export const inlineLength = (value: unknown): number => {
  if (Array.isArray(value)) return 2 + value.reduce<number>((sum, item) => sum + inlineLength(item) + 2, 0);
  if (typeof value === 'object' && value !== null) {
    return 2 + Object.entries(value).reduce((sum, [key, item]) => sum + key.length + inlineLength(item) + 4, 0);
  }
  return String(value).length + 2;
};
