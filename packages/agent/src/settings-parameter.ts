import { errorFields, type Log } from './json-log.ts';
import { pause } from './pause.ts';
import { defaultAgentSettings, parseAgentSettings } from './settings.ts';
import type { SettingsSource } from './settings-file.ts';

/** How settings of a parameter are followed. */
export interface SettingsParameterParts {
  /** The parameter's text, or null when there is none. */
  readonly read: () => Promise<string | null>;
  /** Seconds between two looks. */
  readonly everySeconds: number;
  readonly log: Log;
  /** Called each time a text is found that is not used. */
  readonly onRejected: () => void;
}

/**
 * Reads the settings from a parameter and follows its changes. A parameter that became unreadable or wrong is reported
 * in the log, and the settings before it stay in force. That holds from the start, when those before are the defaults:
 * a wrong parameter must not keep new agents from their work. No parameter means the defaults.
 */
export async function followSettingsParameter(parts: SettingsParameterParts): Promise<SettingsSource> {
  const { log } = parts;
  const closed = new AbortController();
  let settings = defaultAgentSettings;
  /** What the last look found, so that each state is told of once. */
  let seen: string | null = null;

  async function look(): Promise<void> {
    let found: string;
    try {
      const text = await parts.read();
      found = text ?? '{}';
    } catch (error) {
      if (seen !== '') log.error('the settings cannot be read, the earlier ones stay in force', errorFields(error));
      seen = '';
      return;
    }
    if (found === seen) return;
    seen = found;
    try {
      settings = parseAgentSettings(found);
      log.info('the settings are in force', { settings });
    } catch (error) {
      log.error('the changed settings are not used, the earlier ones stay in force', errorFields(error));
      parts.onRejected();
    }
  }

  async function follow(): Promise<void> {
    while (!closed.signal.aborted) {
      await pause(parts.everySeconds * 1000, closed.signal);
      if (!closed.signal.aborted) await look();
    }
  }

  await look();
  void follow();
  return {
    current: () => settings,
    close: () => {
      closed.abort();
    },
  };
}
