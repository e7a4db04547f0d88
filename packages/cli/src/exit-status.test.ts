import { errorRegistry } from '@enterprise-backup/contracts/error-registry';
import { expect, it } from 'vitest';
import { exitStatuses, exitStatusOf } from './exit-status.ts';

it('every kind of error in the registry has one exit status, and none is 0', () => {
  const kinds = new Set(Object.values(errorRegistry).map(({ kind }) => kind));
  for (const kind of kinds) {
    expect(
      exitStatuses.filter((line) => line.kinds.includes(kind)),
      kind,
    ).toHaveLength(1);
    expect(exitStatusOf(kind)).toBeGreaterThan(0);
  }
});
