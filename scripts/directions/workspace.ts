import { globSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import ts from 'typescript';

/** One import, export-from, dynamic import or file address of a source file. */
export interface ImportedModule {
  /** As written: `./x.ts`, `node:fs`, `zod`, `@enterprise-backup/contracts/ids`. */
  readonly specifier: string;
  readonly line: number;
}

/** A TypeScript or JavaScript file of the project. */
export interface SourceFile {
  /** Relative to the project's folder, with slashes. */
  readonly path: string;
  readonly isTest: boolean;
  readonly imports: readonly ImportedModule[];
}

/** A folder of `packages/`. */
export interface WorkspacePackage {
  /** The name of its folder, as `contracts`. */
  readonly folder: string;
  /** The name in its package.json, as `@enterprise-backup/contracts`. */
  readonly name: string;
  readonly exports: readonly string[];
  readonly dependencies: readonly string[];
  readonly devDependencies: readonly string[];
  readonly files: readonly SourceFile[];
}

/** The whole project, as far as imports go. */
export interface Workspace {
  readonly packages: readonly WorkspacePackage[];
  readonly scripts: readonly SourceFile[];
  /** What the top-level package.json brings for development. */
  readonly devDependencies: readonly string[];
}

interface Manifest {
  readonly name: string;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

const readManifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;

/** Calls that reach another file just as an import does, and that TypeScript does not count among the imports. */
const FILE_ADDRESSES = [
  /new URL\(\s*(['"])(?<specifier>\.[^'"`$]*)\1\s*,\s*import\.meta\.url/g,
  /import\.meta\.resolve\(\s*(['"])(?<specifier>[^'"`$]+)\1/g,
  /createRequire\(import\.meta\.url\)(?:\.resolve)?\(\s*(['"])(?<specifier>[^'"`$]+)\1/g,
];

/** Every module that `text` refers to, with the line of each, in the order in which they stand. */
export const readImports = (text: string): ImportedModule[] => {
  const lineAt = (position: number): number => text.slice(0, position).split('\n').length;
  const imported = ts
    .preProcessFile(text, true, true)
    .importedFiles.map(({ fileName, pos }) => ({ specifier: fileName, line: lineAt(pos) }));
  const addressed = FILE_ADDRESSES.flatMap((pattern) => [...text.matchAll(pattern)]).map((match) => ({
    specifier: match.groups?.['specifier'] ?? '',
    line: lineAt(match.index),
  }));
  return [...imported, ...addressed].toSorted((a, b) => a.line - b.line);
};

const readSources = (root: string, folders: readonly string[]): SourceFile[] =>
  folders
    .flatMap((folder) =>
      globSync(join(root, folder, '**/*.{ts,mts,cts,js,mjs,cjs}'), { exclude: ['**/node_modules/**'] }),
    )
    .toSorted()
    .map((absolute) => {
      const path = relative(root, absolute).split(sep).join('/');
      return {
        path,
        isTest: /\.test\.ts$/.test(path) || /^packages\/[^/]+\/test\//.test(path),
        imports: readImports(readFileSync(absolute, 'utf8')),
      };
    });

/** Reads the packages and scripts of the project in `root`, with what each file imports. */
export const readWorkspace = (root: string): Workspace => ({
  packages: globSync(join(root, 'packages/*/package.json'))
    .toSorted()
    .map((manifestPath) => {
      const folder = manifestPath.split(sep).at(-2) ?? '';
      const manifest = readManifest(join(root, 'packages', folder));
      return {
        folder,
        name: manifest.name,
        exports: Object.keys(manifest.exports ?? {}),
        dependencies: Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies }),
        devDependencies: Object.keys(manifest.devDependencies ?? {}),
        files: readSources(root, [`packages/${folder}`]),
      };
    }),
  scripts: readSources(root, ['scripts']),
  devDependencies: Object.keys(readManifest(root).devDependencies ?? {}),
});
