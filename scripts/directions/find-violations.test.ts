import { dirname } from 'node:path';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { describe, expect, it } from 'vitest';
import { findViolations } from './find-violations.ts';
import { readImports, readWorkspace } from './workspace.ts';

/** Apart from the calls that name it, which the check would find in this file. */
const CATALOG = '@project/schema/catalog';

const manifest = (name: string, content: object): string => JSON.stringify({ name: `@project/${name}`, ...content });

/** A project in which nothing goes against the directions, with `changes` (path to content) laid over it. */
const violationsWith = (changes: Record<string, string>): string[] => {
  const root = temporaryDirectoryForTest('directions');
  const files: Record<string, string> = {
    'package.json': JSON.stringify({ devDependencies: { vitest: '1.0.0', '@project/test-support': '1.0.0' } }),
    'packages/contracts/package.json': manifest('contracts', {
      exports: { './ids': './src/ids.ts', './actions/*': './src/actions/*.ts' },
      dependencies: { zod: '1.0.0' },
    }),
    'packages/contracts/src/ids.ts': `import { z } from 'zod';\nexport const id = z.string();\n`,
    'packages/schema/package.json': manifest('schema', {
      exports: { './catalog': './src/catalog.ts' },
      dependencies: { '@project/contracts': '1.0.0', knex: '1.0.0' },
    }),
    'packages/schema/src/catalog.ts': `import knex from 'knex';\nimport { id } from '@project/contracts/ids';\n`,
    'packages/agent/package.json': manifest('agent', { dependencies: { '@project/contracts': '1.0.0' } }),
    'packages/agent/src/main.ts': `import { claim } from '@project/contracts/actions/claim';\nimport './task.ts';\n`,
    'packages/agent/src/main.test.ts': `import { it } from 'vitest';\nimport '@project/test-support/system-tool';\n`,
    'packages/test-support/package.json': manifest('test-support', {
      exports: { './system-tool': './src/system-tool.ts' },
    }),
    'scripts/start.mjs': `import { spawn } from 'node:child_process';\nimport './install.mjs';\n`,
    ...changes,
  };
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return findViolations(readWorkspace(root)).map(({ where, what }) => `${where} ${what}`);
};

describe('the package directions', () => {
  it('hold in a project that keeps to them', () => {
    expect(violationsWith({})).toEqual([]);
  });

  it('forbid an import against the direction, whatever its form', () => {
    const forms = [
      `import { x } from '@project/schema/catalog';`,
      `import type { X } from '@project/schema/catalog';`,
      `export * from '@project/schema/catalog';`,
      `const x = await import('@project/schema/catalog');`,
      `const path = import.meta.resolve('${CATALOG}');`,
      `const x = createRequire(import.meta.url)('${CATALOG}');`,
    ];
    for (const form of forms) {
      expect(violationsWith({ 'packages/agent/src/main.ts': `\n${form}\n` })).toEqual([
        'packages/agent/src/main.ts:2 imports schema, against the direction: agent may import contracts, repository, sources',
      ]);
    }
  });

  it('forbid it in a test too, and in the dependencies', () => {
    expect(violationsWith({ 'packages/contracts/test/ids.test.ts': `import '@project/schema/catalog';` })).toHaveLength(
      1,
    );
    const dependencies = { '@project/schema': '1.0.0' };
    expect(violationsWith({ 'packages/agent/package.json': manifest('agent', { dependencies }) })).toContain(
      'packages/agent/package.json depends on @project/schema, against the direction',
    );
  });

  it("forbid reaching into another package's files by path", () => {
    const reached = (line: string): string[] => violationsWith({ 'packages/agent/src/main.ts': line });
    expect(reached(`import '../../contracts/src/ids.ts';`)[0]).toContain('reaches out of its package by path');
    expect(reached(`new Worker(new URL('../../schema/src/catalog.ts', import.meta.url));`)).toHaveLength(1);
    expect(reached(`import '../package.json' with { type: 'json' };`)).toEqual([]);
    expect(reached(`import '../../../package.json' with { type: 'json' };`)).toHaveLength(1);
  });

  it('allow a test to read what lies at the top of the project, but no other package by path', () => {
    const file = 'packages/agent/test/settings.test.ts';
    expect(violationsWith({ [file]: `new URL('../../../parameters.example.json', import.meta.url);` })).toEqual([]);
    expect(violationsWith({ [file]: `import '../../contracts/src/ids.ts';` })).toHaveLength(1);
  });

  it('forbid a subpath that is not exported', () => {
    expect(violationsWith({ 'packages/agent/src/main.ts': `import '@project/contracts/secret';` })).toEqual([
      'packages/agent/src/main.ts:1 imports @project/contracts/secret, which is not in the exports of packages/contracts/package.json',
    ]);
    expect(violationsWith({ 'packages/agent/src/main.ts': `import '@project/contracts';` })).toHaveLength(1);
  });

  it("forbid a dependency that the package's package.json does not name", () => {
    expect(violationsWith({ 'packages/agent/src/main.ts': `import { z } from 'zod';` })).toEqual([
      'packages/agent/src/main.ts:1 imports zod, which is not in the dependencies of packages/agent/package.json',
    ]);
    expect(violationsWith({ 'packages/agent/src/main.ts': `import { it } from 'vitest';` })).toHaveLength(1);
    expect(violationsWith({ 'packages/agent/src/main.ts': `import fs from 'fs';` })).toHaveLength(1);
  });

  it('keep test support out of what ships', () => {
    expect(violationsWith({ 'packages/agent/src/main.ts': `import '@project/test-support/system-tool';` })).toEqual([
      'packages/agent/src/main.ts:1 imports @project/test-support/system-tool, which is for tests only',
    ]);
  });

  it('keep SQL in the schema', () => {
    const dependencies = { knex: '1.0.0', '@project/contracts': '1.0.0' };
    const agent = { 'packages/agent/package.json': manifest('agent', { dependencies }) };
    expect(violationsWith({ ...agent, 'packages/agent/src/main.ts': `import knex from 'knex';` })).toHaveLength(1);
    expect(
      violationsWith({ 'packages/agent/src/main.ts': `import { DatabaseSync } from 'node:sqlite';` }),
    ).toHaveLength(1);
  });

  it('forbid names that say nothing', () => {
    for (const name of ['utils.ts', 'index.ts', 'string-helpers.ts', 'common/text.ts', 'lib/text.ts']) {
      expect(violationsWith({ [`packages/agent/src/${name}`]: '' })).toHaveLength(1);
    }
    expect(violationsWith({ 'packages/agent/src/index/blob-index.ts': '' })).toEqual([]);
  });

  it('demand a place in the order for every package', () => {
    expect(violationsWith({ 'packages/extra/package.json': manifest('extra', {}) })).toEqual([
      'packages/extra/package.json has no place in scripts/directions/package-order.ts',
    ]);
  });

  it('hold scripts to what the top-level package.json and the exports of packages offer', () => {
    const script = (line: string): string[] => violationsWith({ 'scripts/bundle.ts': line });
    expect(script(`import '@project/contracts/ids';\nimport 'vitest/node';\nimport 'node:fs';`)).toEqual([]);
    expect(script(`import 'zod';`)).toHaveLength(1);
    expect(script(`import '@project/contracts/secret';`)).toHaveLength(1);
  });

  it('keep what starts the project free of what must be installed', () => {
    expect(violationsWith({ 'scripts/start.mjs': `import { z } from 'zod';` })).toHaveLength(1);
    expect(violationsWith({ 'scripts/start.mjs': `import './check-directions.ts';` })).toHaveLength(1);
  });
});

it('reads no import from comments and strings', () => {
  expect(readImports(`// import 'a';\n/* import 'b'; */\nconst text = "import 'c'";\n`)).toEqual([]);
});
