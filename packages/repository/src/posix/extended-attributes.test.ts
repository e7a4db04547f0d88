import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { hasTool, isRoot } from '@enterprise-backup/test-support/system-tool';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { describe, expect, it } from 'vitest';
import {
  extendedAttributesSupported,
  listExtendedAttributes,
  removeExtendedAttribute,
  setExtendedAttribute,
} from './extended-attributes.ts';
import { hasPosixCode, PosixError } from './posix-error.ts';

function fileForTest(name: string | Buffer = 'file'): Buffer {
  const path = Buffer.concat([Buffer.from(`${temporaryDirectoryForTest('xattr')}/`), Buffer.from(name)]);
  writeFileSync(path, 'content');
  return path;
}

/** What the file system of the temporary folder allows, found out with the tool and not with the code under test. */
function takesUserAttributes(): boolean {
  const probe = join(tmpdir(), `xattr-probe-${process.pid}`);
  writeFileSync(probe, '');
  try {
    execFileSync('setfattr', ['-n', 'user.probe', '-v', '1', probe], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  } finally {
    unlinkSync(probe);
  }
}

const named = (path: Buffer): [string, string][] =>
  listExtendedAttributes(path).map(({ name, value }) => [name.toString(), value.toString('hex')]);

const thrownBy = (call: () => unknown): unknown => {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
};

describe('without attributes', () => {
  it('is supported on Linux', () => {
    expect(extendedAttributesSupported()).toBe(true);
  });

  it('gives none for a plain file', () => {
    expect(listExtendedAttributes(fileForTest())).toEqual([]);
  });

  it('gives none on a file system without them', () => {
    expect(listExtendedAttributes(Buffer.from('/proc/self/status'))).toEqual([]);
  });

  it('throws the name of the failure and of the function for a missing file', () => {
    const error = thrownBy(() => listExtendedAttributes(Buffer.from('/nowhere/file')));
    expect(error).toBeInstanceOf(PosixError);
    expect(error).toMatchObject({ code: 'ENOENT', errno: 2, syscall: 'llistxattr' });
    expect(hasPosixCode(error, 'EPERM', 'ENOENT')).toBe(true);
    expect(hasPosixCode(error, 'EPERM')).toBe(false);
  });

  it('refuses a path with a zero byte and one that is too long instead of cutting it', () => {
    const path = fileForTest();
    const cut = Buffer.concat([path, Buffer.from('\0.txt')]);
    expect(thrownBy(() => setExtendedAttribute(cut, Buffer.from('user.a'), Buffer.from('1')))).toMatchObject({
      code: 'EINVAL',
    });
    expect(thrownBy(() => listExtendedAttributes(Buffer.alloc(4096, '/')))).toMatchObject({ code: 'ENAMETOOLONG' });
  });
});

describe.skipIf(!hasTool('setfattr') || !hasTool('getfattr') || !takesUserAttributes())('user attributes', () => {
  it('reads what setfattr wrote, values with zero bytes and empty ones included', () => {
    const path = fileForTest(Buffer.from([0x66, 0xff, 0xfe, 0x0a]));
    setWithTool(path, 'user.binary', '0x000a00ff');
    setWithTool(path, 'user.empty', '0x');
    setWithTool(path, 'user.naïve', '0x61');
    expect(named(path).sort()).toEqual([
      ['user.binary', '000a00ff'],
      ['user.empty', ''],
      ['user.naïve', '61'],
    ]);
  });

  it('writes what getfattr reads, replaces and removes', () => {
    const path = fileForTest();
    const name = Buffer.from('user.origin');
    setExtendedAttribute(path, name, Buffer.from([1, 0, 2]));
    expect(readWithTool(path, 'user.origin')).toBe('0x010002');
    setExtendedAttribute(path, name, Buffer.alloc(0));
    expect(named(path)).toEqual([['user.origin', '']]);
    removeExtendedAttribute(path, name);
    removeExtendedAttribute(path, name);
    expect(listExtendedAttributes(path)).toEqual([]);
  });

  it.skipIf(!hasTool('python3'))('keeps the order of the kernel', () => {
    const path = fileForTest();
    for (const name of ['user.m', 'user.z', 'user.a']) setExtendedAttribute(path, Buffer.from(name), Buffer.from('1'));
    const listed = execFileSync(
      'python3',
      ['-c', 'import os,sys; print("\\n".join(os.listxattr(sys.argv[1])))', path.toString()],
      { encoding: 'utf8' },
    );
    expect(named(path).map(([name]) => name)).toEqual(listed.trim().split('\n'));
  });

  it('reads the folder and not what a link points to', () => {
    const folder = temporaryDirectoryForTest('xattr');
    mkdirSync(join(folder, 'real'));
    symlinkSync('real', join(folder, 'link'));
    setExtendedAttribute(Buffer.from(join(folder, 'real')), Buffer.from('user.a'), Buffer.from('1'));
    expect(named(Buffer.from(join(folder, 'real')))).toEqual([['user.a', '31']]);
    expect(named(Buffer.from(join(folder, 'link')))).toEqual([]);
    const error = thrownBy(() =>
      setExtendedAttribute(Buffer.from(join(folder, 'link')), Buffer.from('user.a'), Buffer.from('1')),
    );
    expect(error).toMatchObject({ code: 'EPERM' });
  });

  it('works in worker threads, several at once', async () => {
    const path = fileForTest();
    setExtendedAttribute(path, Buffer.from('user.a'), Buffer.from('from the main thread'));
    const source = `
      import { parentPort, workerData } from 'node:worker_threads';
      const { listExtendedAttributes } = await import(workerData.module);
      let seen;
      for (let round = 0; round < 2000; round += 1) seen = listExtendedAttributes(Buffer.from(workerData.path));
      parentPort.postMessage(seen.map(({ name, value }) => name + '=' + value));`;
    const answers = await Promise.all(
      [1, 2, 3].map(
        () =>
          new Promise((resolve, reject) => {
            const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), {
              workerData: { module: new URL('./extended-attributes.ts', import.meta.url).href, path: path.toString() },
            });
            worker.once('message', resolve);
            worker.once('error', reject);
          }),
      ),
    );
    expect(answers).toEqual(Array.from({ length: 3 }, () => ['user.a=from the main thread']));
  });
});

describe.skipIf(!hasTool('setfacl') || !takesUserAttributes())('POSIX ACLs', () => {
  it('are attributes that can be copied to another folder', () => {
    const folder = temporaryDirectoryForTest('acl');
    const [from, to] = [join(folder, 'from'), join(folder, 'to')];
    mkdirSync(from);
    mkdirSync(to);
    execFileSync('setfacl', ['-m', 'u:12345:rwx,g:54321:r-x,d:u:12345:rw-', from]);
    const attributes = listExtendedAttributes(Buffer.from(from));
    expect(attributes.map(({ name }) => name.toString()).sort()).toEqual([
      'system.posix_acl_access',
      'system.posix_acl_default',
    ]);
    for (const { name, value } of attributes) setExtendedAttribute(Buffer.from(to), name, value);
    const acl = (path: string): string => execFileSync('getfacl', ['-cpn', path], { encoding: 'utf8' });
    expect(acl(to)).toContain('user:12345:rwx');
    expect(acl(to)).toBe(acl(from));
  });
});

describe.skipIf(!isRoot || !takesUserAttributes())('trusted attributes', () => {
  it('are set on a link itself', () => {
    const folder = temporaryDirectoryForTest('xattr');
    const link = Buffer.from(join(folder, 'link'));
    symlinkSync('nowhere', link);
    setExtendedAttribute(link, Buffer.from('trusted.note'), Buffer.from('on the link'));
    expect(named(link)).toEqual([['trusted.note', Buffer.from('on the link').toString('hex')]]);
  });
});

/** The tool takes its arguments through a shell's printf, because Node passes arguments as UTF-8 only. */
function setWithTool(path: Buffer, name: string, value: string): void {
  const octal = [...path].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
  execFileSync('bash', ['-c', `setfattr -n "$1" -v "$2" -- $'${octal}'`, 'bash', name, value]);
}

function readWithTool(path: Buffer, name: string): string | undefined {
  const text = execFileSync('getfattr', ['-n', name, '-e', 'hex', '--absolute-names', path.toString()], {
    encoding: 'utf8',
  });
  return /=(\S+)/.exec(text)?.[1];
}
