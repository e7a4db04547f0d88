import type { SourceSettings } from '@enterprise-backup/contracts/systems';
import { FilesystemSource } from './filesystem-source.ts';
import type { Source } from './source.ts';

/** The source that the settings describe. Nothing is read before `check`. */
export function openSource(settings: SourceSettings): Source {
  switch (settings.kind) {
    case 'filesystem':
      return new FilesystemSource(settings);
  }
}
