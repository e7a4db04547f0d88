/** Waits until `isTrue`; after three minutes it throws Error with what `more` says. */
export const until = async (
  what: string,
  isTrue: () => boolean | Promise<boolean>,
  more: () => string = () => '',
): Promise<void> => {
  for (let tries = 0; !(await isTrue()); tries += 1) {
    if (tries === 1800) throw new Error(`${what} did not come about:\n${more()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};
