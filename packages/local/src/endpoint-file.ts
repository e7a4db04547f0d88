import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import * as z from 'zod';
import type { DataFolder } from './data-folder.ts';

/** Where a running platform is reached, as it stands in `endpoint.json` of its data folder. */
export const endpointFile = z.object({
  endpoint_url: z.url(),
  port: z.int(),
  pid: z.int(),
  stack_name: z.string(),
  region: z.string(),
});
export type EndpointFile = z.infer<typeof endpointFile>;

/** Tells other processes where the platform is reached; replaces what stood there. */
export function writeEndpointFile(folder: DataFolder, content: EndpointFile): void {
  const temporary = `${folder.endpoint}.new`;
  writeFileSync(temporary, `${JSON.stringify(content, null, 2)}\n`);
  renameSync(temporary, folder.endpoint);
}

/** What stands there; null when there is no file or not a whole one. The process that wrote it may have died. */
export function readEndpointFile(folder: DataFolder): EndpointFile | null {
  try {
    return endpointFile.parse(JSON.parse(readFileSync(folder.endpoint, 'utf8')));
  } catch {
    return null;
  }
}

/** Removes the file when the platform stops. */
export function removeEndpointFile(folder: DataFolder): void {
  rmSync(folder.endpoint, { force: true });
}
