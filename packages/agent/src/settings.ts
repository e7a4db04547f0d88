import { PlatformError, toPlatformError } from '@enterprise-backup/contracts/errors';
import { describeIssues } from '@enterprise-backup/contracts/validate';
import * as z from 'zod';
import { limitsOf } from './limits-in-force.ts';

/** What can be changed while an agent runs. */
export const agentSettings = z.strictObject({
  /** Seconds between two questions for work while there is none. */
  poll_seconds: z.number().min(0.1).max(3600).default(2),
  /** Length of a lease in seconds. Work that is not heard of for so long goes to another agent. */
  lease_seconds: z.int().min(5).max(3600).default(60),
  /** Most seconds between two reports of a task whose progress changes. A third of the lease is the bound in any case. */
  progress_seconds: z.number().min(0.2).max(3600).default(3),
  /**
   * Seconds that running work has to finish when Auto Scaling ends the instance; then it is given back. Two days are the
   * longest that a lifecycle hook can be held.
   */
  finish_seconds: z.int().min(0).max(172_800).default(900),
  /** Tasks at a time. */
  workers: z.int().min(1).max(64).default(1),
  /**
   * Most bytes a second to repositories, such as `10M` or `08:00-18:00=2M`; of several rules the first whose part of the
   * day holds the present counts. Of all tasks of the agent together.
   */
  limit_upload: z.array(z.string()).default([]),
  /** The same for what is read from repositories. */
  limit_download: z.array(z.string()).default([]),
  /** Time zone of such parts of the day. */
  limit_time_zone: z.string().default('UTC'),
  /** Requests to repositories, or their files, in work at a time; null for what the engine takes. */
  connections: z.int().min(1).max(1000).nullable().default(null),
});
export type AgentSettings = z.infer<typeof agentSettings>;

/** The settings of an agent without a settings file. */
export const defaultAgentSettings: AgentSettings = agentSettings.parse({});

/** Reads settings from JSON text; a field that is left out has its default. Throws SETTINGS_INVALID. */
export function parseAgentSettings(text: string): AgentSettings {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new PlatformError('SETTINGS_INVALID', 'the settings are not JSON', { cause: error });
  }
  const parsed = agentSettings.safeParse(value);
  if (!parsed.success) {
    throw new PlatformError('SETTINGS_INVALID', `the settings are not valid: ${describeIssues(parsed.error)}`);
  }
  try {
    limitsOf(parsed.data);
  } catch (error) {
    const { message } = toPlatformError(error);
    throw new PlatformError('SETTINGS_INVALID', `the settings are not valid: ${message}`, { cause: error });
  }
  return parsed.data;
}
