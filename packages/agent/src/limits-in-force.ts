import { parseRateRule } from '@enterprise-backup/repository/rate-rule';
import { shareLimits, type SharedLimits } from '@enterprise-backup/repository/transfer-limits';
import type { SettingsSource } from './settings-file.ts';
import type { AgentSettings } from './settings.ts';

type LimitSettings = Pick<AgentSettings, 'limit_upload' | 'limit_download' | 'limit_time_zone' | 'connections'>;

/** The limits that settings ask for; null for none. Throws STORAGE_OPTIONS_INVALID for limits that cannot be kept. */
export function limitsOf(settings: LimitSettings): SharedLimits | null {
  const { limit_upload: up, limit_download: down, limit_time_zone: timeZone, connections } = settings;
  const shared = shareLimits({ up: up.map(parseRateRule), down: down.map(parseRateRule), timeZone, connections });
  return up.length === 0 && down.length === 0 && connections === null ? null : shared;
}

/**
 * Answers the limits of the settings in force: the same object for as long as they ask for the same, so that all tasks
 * of the agent keep them together. A task keeps those that it started with.
 */
export function limitsInForce(settings: SettingsSource): () => SharedLimits | null {
  let asked: string | undefined;
  let limits: SharedLimits | null = null;
  return () => {
    const { limit_upload, limit_download, limit_time_zone, connections } = settings.current();
    const now = { limit_upload, limit_download, limit_time_zone, connections };
    const text = JSON.stringify(now);
    if (text !== asked) {
      limits = limitsOf(now);
      asked = text;
    }
    return limits;
  };
}
