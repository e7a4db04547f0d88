import { dirname, join } from 'node:path';
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
for (const definition of bundleDefinitions) {
  const bundle = await makeBundle(root, definition, dist);
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
