import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { cPath, libcAbsence } from './libc.ts';

it('is there on Linux', () => {
  expect(libcAbsence()).toBeNull();
});

it('says why where koffi has no binary, and every call fails with a code instead of a crash', () => {
  const script = `
    import { registerHooks } from 'node:module';
    registerHooks({
      resolve: (name, context, next) => {
        if (name === 'koffi') throw new Error('no binary of koffi for this platform');
        return next(name, context);
      },
    });
    const { libcAbsence } = await import('./libc.ts');
    const attributes = await import('./extended-attributes.ts');
    const { setFileTimes } = await import('./file-times.ts');
    const { makeFifo, makeDevice } = await import('./special-files.ts');
    const path = Buffer.from('/nowhere/file');
    const codeOf = (call) => {
      try { call(); return 'nothing thrown'; } catch (error) { return error.code; }
    };
    console.log(JSON.stringify({
      absence: libcAbsence(),
      supported: attributes.extendedAttributesSupported(),
      codes: [
        codeOf(() => attributes.listExtendedAttributes(path)),
        codeOf(() => attributes.setExtendedAttribute(path, Buffer.from('user.a'), path)),
        codeOf(() => attributes.removeExtendedAttribute(path, Buffer.from('user.a'))),
        codeOf(() => setFileTimes(path, 0n, 0n)),
        codeOf(() => makeFifo(path, 0o600)),
        codeOf(() => makeDevice(path, 'block', 0o600, 0n)),
      ],
    }));`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  });
  expect(JSON.parse(output)).toEqual({
    absence: 'the C library cannot be called: no binary of koffi for this platform',
    supported: false,
    codes: ['ENOSYS', 'ENOSYS', 'ENOSYS', 'ENOSYS', 'ENOSYS', 'ENOSYS'],
  });
});

it('ends a path with a zero byte, also after a longer one', () => {
  cPath('open', Buffer.from('/a/much/longer/path'));
  const path = cPath('open', Buffer.from('/short'));
  expect(path.subarray(0, path.indexOf(0)).toString()).toBe('/short');
});
