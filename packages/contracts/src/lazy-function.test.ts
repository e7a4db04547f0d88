import { expect, it } from 'vitest';
import { PlatformError } from './errors.ts';
import { createLazyFunction } from './lazy-function.ts';

const context = { awsRequestId: 'request-1' };

it('opens once, tries a failed opening again, and reports it as the platform does', async () => {
  const logged: unknown[] = [];
  const note = (...entry: readonly unknown[]): void => void logged.push(entry);
  let openings = 0;
  const call = createLazyFunction(
    () => {
      openings += 1;
      if (openings === 1) return Promise.reject(new PlatformError('CATALOG_UNAVAILABLE', 'it is down'));
      return Promise.resolve((event) => Promise.resolve({ event }));
    },
    { debug: note, info: note, warn: note, error: note },
  );
  await expect(call(1, context)).rejects.toMatchObject({ code: 'CATALOG_UNAVAILABLE' });
  expect(logged).toHaveLength(1);
  expect(await Promise.all([call(2, context), call(3, context)])).toEqual([{ event: 2 }, { event: 3 }]);
  expect(openings).toBe(2);
});
