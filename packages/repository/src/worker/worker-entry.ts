/**
 * Location of a worker's module beside the module of `url`: `.ts` when run from source, `.js` when bundled, where all
 * entries of a bundle lie in one folder.
 */
export function workerEntry(url: string, source: string): URL {
  return url.endsWith('.ts')
    ? new URL(source, url)
    : new URL(`./${source.replace(/^.*\//, '').replace(/\.ts$/, '.js')}`, url);
}
