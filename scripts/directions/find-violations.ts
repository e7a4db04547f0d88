import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import { emptyNames, mayImport, sqlPackages, testOnlyPackage } from './package-order.ts';
import type { ImportedModule, SourceFile, Workspace, WorkspacePackage } from './workspace.ts';

/** What a file does against the order of the packages. */
export interface Violation {
  /** File and line, as `packages/agent/src/main.ts:3`; the file alone where no line is meant. */
  readonly where: string;
  readonly what: string;
}

/** `@scope/name/sub/path` taken apart: the package, and the subpath as its `exports` name it (`.` or `./sub/path`). */
const splitSpecifier = (specifier: string): { packageName: string; subpath: string } => {
  const parts = specifier.split('/');
  const length = specifier.startsWith('@') ? 2 : 1;
  return { packageName: parts.slice(0, length).join('/'), subpath: ['.', ...parts.slice(length)].join('/') };
};

const isExported = (target: WorkspacePackage, subpath: string): boolean =>
  target.exports.some((pattern) => {
    const [before = '', after] = pattern.split('*');
    return after === undefined ? pattern === subpath : subpath.startsWith(before) && subpath.endsWith(after);
  });

const isBuiltin = (specifier: string): boolean =>
  specifier.startsWith('node:') || builtinModules.includes(specifier.split('/')[0] ?? '');

const importViolation = (
  workspace: Workspace,
  owner: WorkspacePackage,
  file: SourceFile,
  specifier: string,
): string | undefined => {
  if (specifier.startsWith('.') || specifier.startsWith('/')) {
    const target = specifier.startsWith('/') ? specifier : posix.join(posix.dirname(file.path), specifier);
    const inside = target.startsWith(`packages/${owner.folder}/`) || target === `packages/${owner.folder}`;
    return inside || (file.isTest && isTopLevel(target))
      ? undefined
      : `reaches out of its package by path (${specifier}); import what the other package exports`;
  }
  const { packageName, subpath } = splitSpecifier(specifier);
  const speakers = sqlPackages[isBuiltin(specifier) ? specifier : packageName];
  if (speakers !== undefined && !file.isTest && !speakers.some((place) => file.path.startsWith(place))) {
    return `imports ${packageName}; SQL lives in ${speakers.join(', ')}`;
  }
  if (isBuiltin(specifier)) return specifier.startsWith('node:') ? undefined : `imports ${specifier} without node:`;
  const target = workspace.packages.find((candidate) => candidate.name === packageName);
  if (target !== undefined && target !== owner) {
    if (target.folder === testOnlyPackage) {
      if (!file.isTest) return `imports ${specifier}, which is for tests only`;
    } else if (!(mayImport[owner.folder] ?? []).includes(target.folder)) {
      return `imports ${target.folder}, against the direction: ${owner.folder} may import ${allowedNames(owner.folder)}`;
    }
  }
  if (target !== undefined && !isExported(target, subpath)) {
    return `imports ${specifier}, which is not in the exports of packages/${target.folder}/package.json`;
  }
  const declared = file.isTest
    ? [...owner.dependencies, ...owner.devDependencies, ...workspace.devDependencies]
    : owner.dependencies;
  const allowed = [...declared, owner.name, ...(owner.folder === testOnlyPackage ? workspace.devDependencies : [])];
  return allowed.includes(packageName)
    ? undefined
    : `imports ${packageName}, which is not in the dependencies of packages/${owner.folder}/package.json`;
};

/** Tests may read what lies at the top of the project and belongs to no package: package.json, parameters, documents. */
const isTopLevel = (path: string): boolean => !path.startsWith('packages/') && !path.startsWith('/');

const allowedNames = (folder: string): string => {
  const names = mayImport[folder] ?? [];
  return names.length === 0 ? 'no package of the project' : names.join(', ');
};

const nameViolation = (path: string): string | undefined => {
  const parts = path.split('/');
  const file = (parts.at(-1) ?? '').split('.')[0] ?? '';
  const emptyName = emptyNames.find((name) => file === name || file.endsWith(`-${name}`));
  if (file === 'index' || emptyName !== undefined) return 'is named for nothing it holds; name the one thing in it';
  const folder = parts.slice(2, -1).find((name) => emptyNames.includes(name));
  return folder === undefined ? undefined : `lies in a folder named ${folder}; name the folder for what it holds`;
};

const scriptViolation = (workspace: Workspace, file: SourceFile, imported: ImportedModule): string | undefined => {
  const { specifier } = imported;
  if (file.path.endsWith('.mjs')) {
    return specifier.startsWith('node:') || (specifier.startsWith('.') && specifier.endsWith('.mjs'))
      ? undefined
      : `imports ${specifier}, but must run before anything is installed`;
  }
  if (specifier.startsWith('.') || specifier.startsWith('node:')) return undefined;
  const { packageName, subpath } = splitSpecifier(specifier);
  const target = workspace.packages.find((candidate) => candidate.name === packageName);
  if (target === undefined) {
    return workspace.devDependencies.includes(packageName)
      ? undefined
      : `imports ${packageName}, which is not in the devDependencies of package.json`;
  }
  return isExported(target, subpath)
    ? undefined
    : `imports ${specifier}, which is not in the exports of packages/${target.folder}/package.json`;
};

/** Everything in the project that goes against the order of the packages; empty when it holds. */
export const findViolations = (workspace: Workspace): Violation[] => {
  const violations: Violation[] = [];
  for (const owner of workspace.packages) {
    const manifest = `packages/${owner.folder}/package.json`;
    if (mayImport[owner.folder] === undefined) {
      violations.push({ where: manifest, what: 'has no place in scripts/directions/package-order.ts' });
      continue;
    }
    for (const dependency of owner.dependencies) {
      const target = workspace.packages.find((candidate) => candidate.name === dependency);
      if (target !== undefined && !(mayImport[owner.folder] ?? []).includes(target.folder)) {
        violations.push({ where: manifest, what: `depends on ${dependency}, against the direction` });
      }
    }
    for (const file of owner.files) {
      const named = nameViolation(file.path);
      if (named !== undefined) violations.push({ where: file.path, what: named });
      for (const { specifier, line } of file.imports) {
        const what = importViolation(workspace, owner, file, specifier);
        if (what !== undefined) violations.push({ where: `${file.path}:${line}`, what });
      }
    }
  }
  for (const file of workspace.scripts) {
    const named = nameViolation(file.path);
    if (named !== undefined) violations.push({ where: file.path, what: named });
    for (const imported of file.imports) {
      const what = scriptViolation(workspace, file, imported);
      if (what !== undefined) violations.push({ where: `${file.path}:${imported.line}`, what });
    }
  }
  return violations;
};
