import { describe, expect, it } from 'vitest';
import { nodeTypeOf, toNodeMode, toPermissions } from './node-mode.ts';

describe('modes', () => {
  it.each([
    ['folder', 0o040755, 2_147_484_141],
    ['folder with sticky bit', 0o041777, 2_148_532_735],
    ['file with setuid', 0o104755, 8_389_101],
    ['character device', 0o020644, 69_206_436],
    ['fifo', 0o010644, 33_554_852],
    ['symlink', 0o120777, 134_218_239],
    ['file without any right', 0o100000, 0],
  ])('stores a %s as Go does', (_what, statMode, nodeMode) => {
    const type = nodeTypeOf(statMode);
    if (type === null) throw new Error('the type is known');
    expect(toNodeMode(type, statMode)).toBe(nodeMode);
    expect(toPermissions(nodeMode)).toBe(statMode & 0o7777);
  });

  it('has no type for a socket', () => {
    expect(nodeTypeOf(0o140755)).toBeNull();
  });
});
