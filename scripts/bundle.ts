import { dirname, join } from 'node:path';
import { architectures, makeAgentArchive, type Architecture } from './bundles/agent-archive.ts';
import { bundleDefinitions } from './bundles/bundle-definitions.ts';
import { makeBundle, type Bundle } from './bundles/make-bundle.ts';

const kibibytes = (bundle: Bundle, isMeant: (path: string) => boolean): number => {
  const bytes = bundle.files.filter(({ path }) => isMeant(path)).reduce((sum, file) => sum + file.bytes, 0);
  return Math.round(bytes / 1024);
};

const isCode = (path: string): boolean => /\.m?js$/.test(path) && !path.startsWith('node_modules/');

const root = dirname(import.meta.dirname);
const dist = join(root, 'dist');
const rows = [];
const bundles = new Map<string, Bundle>();
for (const definition of bundleDefinitions) {
  const bundle = await makeBundle(root, definition, dist);
  bundles.set(definition.name, bundle);
  const platforms = bundle.platformPackages.map((name) => name.replace('@koromix/koffi-', '')).join(', ');
  rows.push({
    bundle: bundle.name,
    folder: `dist/${bundle.name}`,
    files: bundle.files.length,
    'code KiB': kibibytes(bundle, isCode),
    'source maps KiB': kibibytes(bundle, (path) => path.endsWith('.map')),
    'native KiB': kibibytes(bundle, (path) => path.startsWith('node_modules/')),
    'runs on': platforms === '' ? 'every platform' : platforms,
  });
}
console.table(rows);

const agent = bundles.get('agent');
if (agent === undefined) throw new Error('no bundle is named agent');
const archives = [];
for (const architecture of Object.keys(architectures) as Architecture[]) {
  const { name, bytes } = await makeAgentArchive(root, agent, architecture, dist);
  archives.push({ archive: `dist/${name}`, MiB: Math.round(bytes / 1024 ** 2), 'runs on': architecture });
}
console.table(archives);
