import { existsSync, globSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { unusedDrivers } from '@enterprise-backup/schema/unused-drivers';
import { build } from 'esbuild';
import type { BundleDefinition } from './bundle-definitions.ts';
import { copyKoffi } from './copy-koffi.ts';

/** A file of a bundle. */
export interface BundledFile {
  /** Path relative to the bundle's folder. */
  readonly path: string;
  readonly bytes: number;
}

/** What was made. */
export interface Bundle {
  readonly name: string;
  /** Absolute path of the bundle's folder. */
  readonly folder: string;
  /** Every file, by path. */
  readonly files: readonly BundledFile[];
  /** Packages with binaries that were copied into it, one for each platform on which it can run. */
  readonly platformPackages: readonly string[];
}

/** CommonJS packages ask for Node's own modules by `require`, which an ES module does not have. */
const REQUIRE_BANNER =
  "import { createRequire as createRequireOfBundle } from 'node:module'; const require = createRequireOfBundle(import.meta.url);";

const entriesOf = (root: string, definition: BundleDefinition): Record<string, string> => {
  const entries = { ...definition.entries };
  for (const pattern of definition.workers) {
    const workers = globSync(pattern, { cwd: root }).toSorted();
    if (workers.length === 0) throw new Error(`the bundle ${definition.name} has no worker like ${pattern}`);
    for (const worker of workers) {
      const name = basename(worker, '.ts');
      if (name in entries) throw new Error(`the bundle ${definition.name} has two entries named ${name}`);
      entries[name] = worker;
    }
  }
  for (const source of Object.values(entries)) {
    if (!existsSync(join(root, source)))
      throw new Error(`the bundle ${definition.name} needs ${source}, which is missing`);
  }
  return entries;
};

/**
 * The entries by the builds that they are made in. A build cuts code into a file for each set of its entries that share it, and
 * each file takes half a millisecond to load: programs and workers, which are loaded apart, share none with each other.
 */
const buildsOf = (root: string, definition: BundleDefinition): Record<string, string>[] => {
  const entries = Object.entries(entriesOf(root, definition));
  const programs = entries.filter(([name]) => name in definition.entries);
  const workers = entries.filter(([name]) => !(name in definition.entries));
  return [...programs.map((program) => [program]), ...(workers.length === 0 ? [] : [workers])].map((build) =>
    Object.fromEntries(build),
  );
};

/**
 * Bundles what `definition` names into `dist`/`definition.name`, whose earlier content is removed: ES modules for Node
 * 24, readable, each with its source map. The same sources give the same bytes.
 *
 * @param root absolute path of the checkout
 * @param dist absolute path of the folder that holds the bundles
 * @throws Error when a source file is missing, or esbuild's when one is wrong
 */
export const makeBundle = async (root: string, definition: BundleDefinition, dist: string): Promise<Bundle> => {
  const folder = join(dist, definition.name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const entryPoints of buildsOf(root, definition))
    await build({
      absWorkingDir: root,
      entryPoints,
      outdir: folder,
      outExtension: { '.js': definition.ending },
      // Code that entries share lies beside them, where a worker is looked for.
      splitting: true,
      chunkNames: 'shared-[hash]',
      bundle: true,
      platform: 'node',
      target: 'node24',
      format: 'esm',
      // Lines and names stay as they are, for stack traces; what can never run goes.
      minifySyntax: true,
      keepNames: true,
      sourcemap: 'linked',
      legalComments: 'linked',
      banner: { js: REQUIRE_BANNER },
      external: [...unusedDrivers, 'koffi'],
      logLevel: 'warning',
    });
  writeFileSync(
    join(folder, 'package.json'),
    `${JSON.stringify({ name: definition.name, private: true, type: 'module' })}\n`,
  );
  const platformPackages = definition.usesKoffi ? copyKoffi(root, folder) : [];
  const files = globSync('**', { cwd: folder })
    .toSorted()
    .map((path) => ({ path, stats: statSync(join(folder, path)) }))
    .filter(({ stats }) => stats.isFile())
    .map(({ path, stats }) => ({ path, bytes: stats.size }));
  return { name: definition.name, folder, files, platformPackages };
};
