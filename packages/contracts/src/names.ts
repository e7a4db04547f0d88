/** The stack name that every documented command uses; functions, log groups and resources derive their names from it. */
export const defaultStackName = 'enterprise-backup-dr-platform';

/** The two functions of the platform. Users type these names in `aws lambda invoke`; they never change. */
export interface FunctionNames {
  readonly orchestrator: string;
  readonly recovery: string;
}

/** Names of the platform's functions in the stack `stackName`. */
export function functionNames(stackName: string): FunctionNames {
  return { orchestrator: `${stackName}-backup-jobs`, recovery: `${stackName}-recovery-service` };
}

/** Log groups of the two functions. The recovery function's group does not carry the function's own name. */
export function logGroupNames(stackName: string): FunctionNames {
  return { orchestrator: `/aws/lambda/${stackName}-backup-jobs`, recovery: `/aws/lambda/${stackName}-recovery` };
}

/** What the agents of the stack `stackName` call themselves in metrics. */
export function agentServiceName(stackName: string): string {
  return `${stackName}-backup-agent`;
}

/** Lifecycle hook that holds an instance before its end, until its agent has given its work back. */
export const drainHookName = 'drain';

/** Name of the database (schema) inside the instance `<stack>-metadata-db`. */
export const databaseName = 'backup_metadata';

/** Folder on an agent's machine that holds its logs. */
export const agentLogFolder = '/var/log/backup-agent/';

/** CloudWatch namespace of the platform's metrics. */
export const metricsNamespace = 'EnterpriseBackup';
