import { globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Silence needs its reason: `// eslint-disable-next-line rule -- why this place is different`. */
const describedDisable = {
  meta: { type: 'problem', messages: { undescribed: 'Say after ` -- ` why the rule does not fit here.' }, schema: [] },
  create: (context) => ({
    Program: () => {
      for (const comment of context.sourceCode.getAllComments()) {
        if (!/^\s*eslint-(?:disable|enable)/.test(comment.value)) continue;
        if (/^\s*eslint-enable/.test(comment.value) || /\s--\s+\S/.test(comment.value)) continue;
        context.report({ loc: comment.loc, messageId: 'undescribed' });
      }
    },
  }),
};

const defaultExport = {
  selector: 'ExportDefaultDeclaration, ExportSpecifier[exported.name="default"]',
  message: 'Export by name.',
};
const notErasable = {
  selector: 'TSEnumDeclaration, TSModuleDeclaration[declare!=true], TSParameterProperty, TSExportAssignment',
  message: 'Only syntax that type stripping can erase: a union of literals, a module, a declared field.',
};
const clock = {
  selector:
    'MemberExpression[object.name="Date"][property.name="now"], NewExpression[callee.name="Date"][arguments.length=0], CallExpression[callee.name="Date"]',
  message: 'Take a Clock or `now`: only packages/contracts/src/clock.ts reads the time.',
};
const bareError = {
  selector:
    ':matches(NewExpression, CallExpression)[callee.name=/^(Error|AggregateError|EvalError|RangeError|ReferenceError|SyntaxError|TypeError|URIError)$/]',
  message: 'Throw a PlatformError of @enterprise-backup/contracts/errors with a registered code.',
};
const environment = [
  { object: 'process', property: 'env', message: "Only the entry point's environment.ts reads the environment." },
];
const environmentImport = {
  paths: [
    {
      name: 'node:process',
      importNames: ['env'],
      message: "Only the entry point's environment.ts reads the environment.",
    },
  ],
};

const zodByName = {
  selector: 'ImportDeclaration[importKind="value"][source.value="zod"] > ImportSpecifier',
  message: "Import * as z from 'zod': with its name `z` bundles take in all its languages, 0.6 MB.",
};

const everywhere = [defaultExport, notErasable, zodByName];
const tests = ['**/*.test.ts', 'packages/*/test/**/*.ts', 'packages/test-support/**/*.ts'];

export default tseslint.config(
  globalIgnores(['**/node_modules/', '**/dist/', '.data/', '.turbo/', 'packages/*/test/fixtures/']),
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    plugins: { project: { rules: { 'described-disable': describedDisable } } },
    rules: {
      'project/described-disable': 'error',
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      'no-unused-vars': 'error',
      'no-restricted-syntax': ['error', ...everywhere],
    },
  },
  {
    files: ['packages/**/*.ts', 'scripts/**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true, allowAny: false, allowNullish: false },
      ],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-misused-spread': ['error', { allow: [{ from: 'lib', name: 'string' }, 'string'] }],
      // It takes a field that another call changed across an `await` for what it was before.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // A type parameter used once still names the type that the caller chooses.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      'no-unused-vars': 'off',
      'no-restricted-syntax': ['error', ...everywhere, clock],
      'no-restricted-imports': ['error', environmentImport],
    },
  },
  {
    files: ['packages/*/src/**/*.ts'],
    ignores: tests,
    rules: {
      'no-restricted-syntax': ['error', ...everywhere, clock, bareError],
      'no-restricted-properties': ['error', ...environment],
    },
  },
  {
    files: ['packages/*/src/**/*.ts'],
    ignores: [...tests, 'packages/cli/**', 'packages/local/**'],
    rules: { 'no-console': 'error' },
  },
  {
    // A condition in knex is a function that returns the query it extended, which is a thenable.
    files: ['packages/schema/src/**/*.ts'],
    rules: { '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false } }] },
  },
  {
    // The property types of cloudform are classes, which plain objects of their shape stand for.
    files: ['packages/template/**/*.ts'],
    rules: { '@typescript-eslint/no-unsafe-class-instance-assignment': 'off' },
  },
  {
    files: ['packages/contracts/src/clock.ts'],
    rules: { 'no-restricted-syntax': ['error', ...everywhere, bareError] },
  },
  {
    files: ['**/environment.ts', 'scripts/**'],
    rules: { 'no-restricted-properties': 'off', 'no-restricted-imports': 'off' },
  },
  {
    files: tests,
    rules: {
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': 'off',
      'no-restricted-syntax': ['error', ...everywhere],
    },
  },
  {
    files: ['**/*.d.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: ['*.config.{js,ts}'],
    rules: { 'no-restricted-syntax': ['error', notErasable] },
  },
);
