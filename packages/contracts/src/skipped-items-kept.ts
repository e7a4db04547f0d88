/** Most skipped items that a result carries; the count is always complete. Apart from its contract, so that it loads no validation. */
export const skippedItemsKept = 100;
