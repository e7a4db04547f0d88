import type { Platform } from '@enterprise-backup/local/platform';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { PlatformClient } from '../platform/platform-client.ts';
import type { StartPlaces } from './start-places.ts';
import { documentedTarget, nameOwnSource, workingCopySource } from './system-names.ts';

/** What a start works with in the catalog. */
export interface RegisteredSystems {
  readonly sourceSystem: string;
  /** Folder of the target system that the documented request names. */
  readonly documentedTargetPath: string;
}

/**
 * Registers the source and, unless the person has done so, the target system of the documented request. The source is
 * registered each time, since the data folder with the repository may have been moved; what the person has set for it
 * beside its folder stays.
 */
export async function registerSystems(
  platform: PlatformClient,
  places: StartPlaces,
  repository: Platform['repository'],
): Promise<RegisteredSystems> {
  const { sources } = await platform.orchestrator('list_sources', {});
  const sourceSystem = places.sourceIsOwn ? nameOwnSource(places.source, sources) : workingCopySource;
  const before = sources.find(({ source_system }) => source_system === sourceSystem)?.settings;
  await platform.orchestrator('register_source', {
    source_system: sourceSystem,
    settings: { ...before, kind: 'filesystem', path: places.source },
    repository,
  });
  const { targets } = await platform.orchestrator('list_targets', {});
  const known = targets.find(({ target_system }) => target_system === documentedTarget);
  if (known !== undefined) return { sourceSystem, documentedTargetPath: known.settings.path };
  const path = join(places.recovered, documentedTarget);
  await mkdir(places.recovered, { recursive: true });
  await platform.orchestrator('register_target', {
    target_system: documentedTarget,
    settings: { kind: 'filesystem', path },
  });
  return { sourceSystem, documentedTargetPath: path };
}
