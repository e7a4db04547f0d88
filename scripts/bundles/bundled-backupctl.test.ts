import { execFileSync, spawnSync } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { expect, it } from 'vitest';
import { agentFiles, architectures, type Architecture } from './agent-archive.ts';
import { bundleDefinitions } from './bundle-definitions.ts';
import { makeBundle } from './make-bundle.ts';
import { tarParts } from './write-tar.ts';

const root = dirname(dirname(import.meta.dirname));
const architecture = (Object.keys(architectures) as Architecture[]).find(
  (name) => architectures[name] === process.arch,
);

it.skipIf(process.platform !== 'linux' || architecture === undefined)(
  'backs up, checks, restores and prunes from an unpacked archive, with nothing else of the project',
  async () => {
    const place = temporaryDirectoryForTest('bundled-backupctl');
    const definition = bundleDefinitions.find(({ name }) => name === 'agent');
    if (definition === undefined || architecture === undefined) throw new Error('no bundle is named agent');
    const bundle = await makeBundle(root, definition, join(place, 'dist'));
    await pipeline(
      Readable.from(tarParts(agentFiles(root, bundle, architecture))),
      createWriteStream(join(place, 'agent.tar')),
    );
    mkdirSync(join(place, 'opt'));
    execFileSync('tar', ['-xf', '../agent.tar'], { cwd: join(place, 'opt') });
    // As the installer links it.
    symlinkSync(join(place, 'opt/bin/backupctl'), join(place, 'backupctl'));

    const backupctl = (...args: readonly string[]) => {
      const result = spawnSync(join(place, 'backupctl'), args, {
        cwd: place,
        encoding: 'utf8',
        env: { PATH: '/usr/bin:/bin' },
      });
      expect(result.stderr, args.join(' ')).not.toMatch(/Error|error/);
      expect(result.status, result.stderr).toBe(0);
      return result.stdout;
    };
    const onRepository = ['--repository', join(place, 'repository'), '--password-file', join(place, 'password')];
    writeFileSync(join(place, 'password'), 'correct horse\n');
    mkdirSync(join(place, 'source'));
    writeFileSync(join(place, 'source/report.txt'), 'content '.repeat(200_000));

    expect(backupctl('--help')).toContain('repository');
    backupctl('repository', 'init', ...onRepository);
    expect(backupctl('repository', 'backup', join(place, 'source'), ...onRepository)).toContain('Backed up');
    backupctl('repository', 'check', '--read-data', ...onRepository);
    backupctl(
      'repository',
      'restore',
      'latest',
      '--folder',
      join(place, 'source'),
      '--target',
      join(place, 'target'),
      ...onRepository,
    );
    expect(readFileSync(join(place, 'target/report.txt'), 'utf8')).toBe('content '.repeat(200_000));
    backupctl('repository', 'prune', ...onRepository);
    expect(existsSync(join(place, 'opt/compiled'))).toBe(true);
  },
);
