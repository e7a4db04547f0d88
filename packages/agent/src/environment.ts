import { isAbsolute } from 'node:path';
import { taskKind, type TaskKind } from '@enterprise-backup/contracts/catalog';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { functionNames } from '@enterprise-backup/contracts/names';
import { describeIssues } from '@enterprise-backup/contracts/validate';
import { z } from 'zod';

/** What an agent is told when it is started. */
export interface AgentEnvironment {
  /** Name or ARN of the orchestrator function. */
  readonly orchestratorFunction: string;
  /** Address of the Lambda Invoke API; null means the one of AWS in the region. */
  readonly endpointUrl: string | null;
  readonly region: string;
  /** Names this agent among all; two processes at a time never share one. */
  readonly agentId: string;
  /** Folder of the secrets on one machine, an absolute path. */
  readonly secretsFolder: string;
  /** JSON file of the settings, an absolute path; null means the defaults. */
  readonly settingsFile: string | null;
  /** What this agent takes on. */
  readonly kinds: readonly TaskKind[];
}

const path = z.string().refine(isAbsolute, 'must be an absolute path');

const variables = z
  .object({
    BACKUP_AGENT_ID: z.string().min(1).max(255),
    BACKUP_ENDPOINT_URL: z.url({ protocol: /^https?$/ }).optional(),
    BACKUP_ORCHESTRATOR_FUNCTION: z.string().min(1).max(170).optional(),
    BACKUP_STACK_NAME: z.string().min(1).max(128).optional(),
    BACKUP_SECRETS_FOLDER: path,
    BACKUP_SETTINGS_FILE: path.optional(),
    BACKUP_WORK_KINDS: z
      .string()
      .transform((list) => list.split(',').map((kind) => kind.trim()))
      .pipe(z.array(taskKind).min(1))
      .optional(),
    AWS_REGION: z.string().min(1),
  })
  .refine(
    (values) => (values.BACKUP_STACK_NAME === undefined) !== (values.BACKUP_ORCHESTRATOR_FUNCTION === undefined),
    {
      message: 'exactly one of BACKUP_STACK_NAME and BACKUP_ORCHESTRATOR_FUNCTION must be set',
    },
  );

/**
 * Reads the agent's environment variables; an empty one counts as not set. Throws ENVIRONMENT_INVALID that names every
 * variable that is missing or wrong.
 */
export function readAgentEnvironment(
  values: Readonly<Record<string, string | undefined>> = process.env,
): AgentEnvironment {
  const set = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
  const parsed = variables.safeParse(set);
  if (!parsed.success) {
    throw new PlatformError('ENVIRONMENT_INVALID', `the environment is not valid: ${describeIssues(parsed.error)}`);
  }
  const found = parsed.data;
  return {
    orchestratorFunction:
      found.BACKUP_ORCHESTRATOR_FUNCTION ?? functionNames(found.BACKUP_STACK_NAME ?? '').orchestrator,
    endpointUrl: found.BACKUP_ENDPOINT_URL ?? null,
    region: found.AWS_REGION,
    agentId: found.BACKUP_AGENT_ID,
    secretsFolder: found.BACKUP_SECRETS_FOLDER,
    settingsFile: found.BACKUP_SETTINGS_FILE ?? null,
    kinds: found.BACKUP_WORK_KINDS ?? taskKind.options,
  };
}
