import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { matchPatterns } from '../filter/match-patterns.ts';
import { serveRequests, throwIfStopped } from '../worker/serve-requests.ts';

/** Asks how much a folder holds. */
export interface SizeRequest {
  readonly source: string;
  readonly excludes: readonly string[];
}

/** Files of a folder and their size in bytes, as far as they can be seen. */
export interface SizeResponse {
  readonly files: number;
  readonly bytes: number;
}

serveRequests<SizeRequest, SizeResponse>(({ source, excludes }) => {
  const excluded = matchPatterns(excludes);
  let files = 0;
  let bytes = 0;
  const visit = (folder: string, relative: string) => {
    throwIfStopped();
    for (const entry of readable(() => readdirSync(folder, { withFileTypes: true })) ?? []) {
      const path = relative === '' ? entry.name : `${relative}/${entry.name}`;
      if (excluded(path, entry.isDirectory())) continue;
      if (entry.isDirectory()) visit(join(folder, entry.name), path);
      if (!entry.isFile()) continue;
      files += 1;
      bytes += readable(() => lstatSync(join(folder, entry.name)).size) ?? 0;
    }
  };
  visit(source, '');
  return Promise.resolve({ files, bytes });
});

/** The count serves a progress bar: what cannot be looked at is left to the backup itself to report. */
function readable<Result>(look: () => Result): Result | null {
  try {
    return look();
  } catch {
    return null;
  }
}
