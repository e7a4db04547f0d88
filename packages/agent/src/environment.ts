import { isAbsolute } from 'node:path';
import { taskKind, type TaskKind } from '@enterprise-backup/contracts/catalog';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { agentServiceName, functionNames } from '@enterprise-backup/contracts/names';
import { describeIssues } from '@enterprise-backup/contracts/validate';
import * as z from 'zod';

/** What an agent is told when it is started. */
export interface AgentEnvironment {
  /** Name or ARN of the orchestrator function. */
  readonly orchestratorFunction: string;
  /** Address of the Lambda Invoke API; null means the one of AWS in the region. */
  readonly endpointUrl: string | null;
  readonly region: string;
  /** Names this agent among all; two processes at a time never share one. */
  readonly agentId: string;
  /** What its metrics go under; null means that it writes none. */
  readonly serviceName: string | null;
  /** Folder of the secrets on one machine, an absolute path; null means Secrets Manager. */
  readonly secretsFolder: string | null;
  /** JSON file of the settings, an absolute path; null means the parameter or the defaults. */
  readonly settingsFile: string | null;
  /** Name of the parameter in Parameter Store that holds the settings; null means the file or the defaults. */
  readonly settingsParameter: string | null;
  /** Auto Scaling group of this instance, whose end is then watched for; null means that nothing is watched. */
  readonly autoScalingGroup: string | null;
  /** Address of the instance metadata service. */
  readonly metadataEndpoint: string;
  /** File that is made when the orchestrator has answered for the first time, an absolute path; null means none. */
  readonly readyFile: string | null;
  /** What this agent takes on. */
  readonly kinds: readonly TaskKind[];
}

const path = z.string().refine(isAbsolute, 'must be an absolute path');

const metadataEndpoint = 'http://169.254.169.254';

const variables = z
  .object({
    AWS_EC2_METADATA_SERVICE_ENDPOINT: z.url({ protocol: /^https?$/ }).default(metadataEndpoint),
    AWS_REGION: z.string().min(1),
    BACKUP_AGENT_ID: z.string().min(1).max(255),
    BACKUP_AUTO_SCALING_GROUP: z.string().min(1).max(255).optional(),
    BACKUP_ENDPOINT_URL: z.url({ protocol: /^https?$/ }).optional(),
    BACKUP_ORCHESTRATOR_FUNCTION: z.string().min(1).max(170).optional(),
    BACKUP_READY_FILE: path.optional(),
    BACKUP_SECRETS_FOLDER: path.optional(),
    BACKUP_SETTINGS_FILE: path.optional(),
    BACKUP_SETTINGS_PARAMETER: z.string().min(1).max(2048).optional(),
    BACKUP_STACK_NAME: z.string().min(1).max(128).optional(),
    BACKUP_WORK_KINDS: z
      .string()
      .transform((list) => list.split(',').map((kind) => kind.trim()))
      .pipe(z.array(taskKind).min(1))
      .optional(),
  })
  .refine(
    (values) => (values.BACKUP_STACK_NAME === undefined) !== (values.BACKUP_ORCHESTRATOR_FUNCTION === undefined),
    {
      message: 'exactly one of BACKUP_STACK_NAME and BACKUP_ORCHESTRATOR_FUNCTION must be set',
    },
  )
  .refine((values) => values.BACKUP_SETTINGS_FILE === undefined || values.BACKUP_SETTINGS_PARAMETER === undefined, {
    message: 'at most one of BACKUP_SETTINGS_FILE and BACKUP_SETTINGS_PARAMETER may be set',
  });

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
    serviceName: found.BACKUP_STACK_NAME === undefined ? null : agentServiceName(found.BACKUP_STACK_NAME),
    secretsFolder: found.BACKUP_SECRETS_FOLDER ?? null,
    settingsFile: found.BACKUP_SETTINGS_FILE ?? null,
    settingsParameter: found.BACKUP_SETTINGS_PARAMETER ?? null,
    autoScalingGroup: found.BACKUP_AUTO_SCALING_GROUP ?? null,
    metadataEndpoint: found.AWS_EC2_METADATA_SERVICE_ENDPOINT,
    readyFile: found.BACKUP_READY_FILE ?? null,
    kinds: found.BACKUP_WORK_KINDS ?? taskKind.options,
  };
}
