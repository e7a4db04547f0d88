import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pythonEnvironment } from '@enterprise-backup/test-support/python-environment';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { describe, expect, it } from 'vitest';
import { templateDefinitions } from '../src/template-files.ts';

const environment = await pythonEnvironment('cfn-lint-1.51.0', ['cfn-lint==1.51.0']);
const folder = resolve(import.meta.dirname, '../../../templates');
const regions = ['us-east-1', 'eu-west-1', 'ap-southeast-2'];

/** What cfn-lint says of files, informational rules included, a line for each. */
const lint = (...files: readonly string[]): string[] => {
  const args = ['--format', 'parseable', '--include-checks', 'I', 'E', 'W', '--regions', ...regions];
  const result = spawnSync(
    join(environment.bin ?? '', 'python'),
    ['-c', 'import sys; from cfnlint.runner import main; sys.exit(main())', ...args, '--template', ...files],
    { encoding: 'utf8' },
  );
  if (result.error !== undefined) throw result.error;
  return `${result.stdout}${result.stderr}`.split('\n').filter((line) => line !== '');
};

describe.skipIf(environment.absence !== null)('cfn-lint', () => {
  it('has nothing to say of any template in three Regions', () => {
    expect(lint(...Object.keys(templateDefinitions).map((name) => join(folder, name)))).toEqual([]);
  });

  it('would see a fault', () => {
    const file = join(temporaryDirectoryForTest('cfn-lint'), 'wrong.yaml');
    const right = readFileSync(join(folder, 'main.yaml'), 'utf8');
    writeFileSync(file, right.replace('MultiRegion: true', 'MultiRegio: true'));
    expect(lint(file).join('\n')).toContain('MultiRegio');
  });
});
