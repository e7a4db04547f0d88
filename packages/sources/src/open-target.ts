import type { TargetSettings } from '@enterprise-backup/contracts/systems';
import { FilesystemTarget } from './filesystem-target.ts';
import type { Target } from './target.ts';

/** The target that the settings describe. Nothing is read before `check`. */
export function openTarget(settings: TargetSettings): Target {
  switch (settings.kind) {
    case 'filesystem':
      return new FilesystemTarget(settings);
  }
}
