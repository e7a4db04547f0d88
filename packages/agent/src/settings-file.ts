import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { errorFields, type Log } from './json-log.ts';
import { defaultAgentSettings, parseAgentSettings, type AgentSettings } from './settings.ts';

/** Settings that may change while the agent runs. */
export interface SettingsSource {
  /** The settings in force now. */
  current(): AgentSettings;
  /** Ends the watch. */
  close(): void;
}

const lookEveryMilliseconds = 1000;

/** Settings that stay as they are. */
export function fixedSettings(settings: AgentSettings): SettingsSource {
  return { current: () => settings, close: () => undefined };
}

/**
 * Reads the settings from a JSON file and follows its changes, which are in force about a second later. A file that
 * became unreadable or wrong is reported in the log, and the settings before it stay in force; a file that is not there
 * means the defaults.
 *
 * The file is looked at by path each second, and not watched through its folder: that holds for editors that replace
 * the file and for network file systems.
 *
 * @throws PlatformError SETTINGS_INVALID when the file is wrong at the start.
 */
export function followSettingsFile(file: string, log: Log): SettingsSource {
  let settings = readSettings(file);
  const look = (): void => {
    try {
      settings = readSettings(file);
      log.info('the settings changed', { settings });
    } catch (error) {
      log.error('the changed settings are not used, the earlier ones stay in force', { file, ...errorFields(error) });
    }
  };
  watchFile(file, { persistent: false, interval: lookEveryMilliseconds }, look);
  return {
    current: () => settings,
    close: () => {
      unwatchFile(file, look);
    },
  };
}

function readSettings(file: string): AgentSettings {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return defaultAgentSettings;
    throw new PlatformError('SETTINGS_INVALID', `the settings file ${file} cannot be read`, { cause: error });
  }
  return parseAgentSettings(text);
}
