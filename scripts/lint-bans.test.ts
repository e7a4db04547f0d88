import { dirname } from 'node:path';
import { ESLint } from 'eslint';
import { expect, it } from 'vitest';

// With CI set, the parser reads each file of the project once, from the disk, and would not look at the code given here.
process.env['TSESTREE_SINGLE_RUN'] = 'false';

const root = dirname(import.meta.dirname);
const eslint = new ESLint({ cwd: root });

/** The rules that `code` breaks when it stands in the place of an existing file. */
const broken = async (path: string, code: string): Promise<string[]> => {
  const [result] = await eslint.lintText(code, { filePath: `${root}/${path}` });
  return (result?.messages ?? []).map((message) => message.ruleId ?? message.message);
};

const SOURCE = 'packages/contracts/src/ids.ts';

it.each([
  ['no-restricted-syntax', `export const fail = (): never => {\n  throw new Error('x');\n};\n`],
  ['no-restricted-syntax', `export const fail = (): Error => TypeError('x');\n`],
  ['no-restricted-syntax', `export const now = Date.now();\n`],
  ['no-restricted-syntax', `export const now = new Date();\n`],
  ['no-restricted-syntax', `export default 1;\n`],
  ['no-restricted-syntax', `export enum Colour {\n  Red,\n}\n`],
  ['no-restricted-syntax', `import { z } from 'zod';\nexport const name = z.string();\n`],
  ['no-restricted-properties', `export const stage = process.env['STAGE'];\n`],
  ['no-restricted-imports', `export { env } from 'node:process';\n`],
  ['no-console', `console.log('x');\n`],
  ['project/described-disable', `// eslint-disable-next-line no-console\nconsole.log('x');\n`],
  ['@typescript-eslint/no-explicit-any', `export const parse = (value: any): string => String(value);\n`],
  ['@typescript-eslint/no-floating-promises', `Promise.resolve(1);\n`],
  [
    '@typescript-eslint/switch-exhaustiveness-check',
    `export const code = (colour: 'red' | 'blue'): number => {\n  switch (colour) {\n    case 'red':\n      return 1;\n  }\n  return 0;\n};\n`,
  ],
])('%s forbids (case %#)', async (rule, code) => {
  expect(await broken(SOURCE, code)).toEqual([rule]);
});

it('allows each where it belongs', async () => {
  expect(await broken('packages/contracts/src/clock.ts', `export const now = new Date();\n`)).toEqual([]);
  expect(await broken('packages/agent/src/environment.ts', `export const stage = process.env['STAGE'];\n`)).toEqual([]);
  expect(await broken('packages/cli/src/main.ts', `console.log('x');\n`)).toEqual([]);
  expect(await broken(SOURCE, `import * as z from 'zod';\nexport const name = z.string();\n`)).toEqual([]);
  expect(await broken(SOURCE, `import type { z } from 'zod';\nexport type Name = z.ZodString;\n`)).toEqual([]);
  expect(await broken(SOURCE, `export const day = new Date(0);\n`)).toEqual([]);
  const test = 'packages/test-support/src/temporary-directory.test.ts';
  expect(await broken(test, `throw new Error(String(Date.now()));\n`)).toEqual([]);
  expect(
    await broken(SOURCE, `// eslint-disable-next-line no-console -- shown to the person\nconsole.log('x');\n`),
  ).toEqual([]);
});
