/**
 * What a failure means to a caller: it decides the exit status of `backupctl` and whether a client tries again.
 * `input` the request is wrong, `not_found` it names something that is not there, `conflict` the state forbids it now,
 * `access` a password or permission is missing, `damage` stored data is wrong, `source` or `target` the protected or
 * restored system is at fault, `storage` the place of the repository is at fault, `unavailable` something does not
 * answer, `internal` the platform is at fault.
 */
export type ErrorKind =
  | 'input'
  | 'not_found'
  | 'conflict'
  | 'access'
  | 'damage'
  | 'source'
  | 'target'
  | 'storage'
  | 'unavailable'
  | 'internal';

/** What stays the same each time an error of one code is raised. */
export interface ErrorDefinition {
  readonly kind: ErrorKind;
  /** Whether the same request may succeed later without a change by a person. */
  readonly retryable: boolean;
  /** What the person who sees it can do, as one sentence. */
  readonly hint: string;
}

const define = (kind: ErrorKind, hint: string, retryable = false): ErrorDefinition => ({ kind, retryable, hint });

/** Every code the platform raises. A code is never renamed or given another meaning: scripts depend on it. */
export const errorRegistry = {
  // Requests and answers
  ACTION_UNKNOWN: define('input', 'Use one of the actions that the message lists.'),
  FUNCTION_ACCESS_DENIED: define(
    'access',
    'Give this user or role the right to invoke the function, and check its credentials.',
  ),
  FUNCTION_NOT_FOUND: define('not_found', 'Use one of the function names that the message lists.'),
  FUNCTION_UNAVAILABLE: define('unavailable', 'Check the network and the endpoint, then try again.', true),
  INTERNAL: define('internal', 'Look in the log for this code and report the entry.'),
  REQUEST_INVALID: define('input', 'Correct the named fields and send the request again.'),
  REQUEST_MALFORMED: define('input', 'Send one JSON object, encoded as UTF-8.'),
  REQUEST_TOO_LARGE: define('input', 'Keep a request under 6 MB for RequestResponse and 1 MB for Event.'),
  RESPONSE_INVALID: define('internal', 'The two sides run different versions: bring them to the same one.'),

  // Catalog
  BACKUP_NOT_FOUND: define('not_found', 'List the points with `backupctl points`.'),
  BACKUP_NOT_RESTORABLE: define('conflict', 'Choose a completed point: list them with `backupctl points`.'),
  CATALOG_UNAVAILABLE: define('unavailable', 'Check that the database is up and can be reached, then try again.', true),
  CRON_INVALID: define('input', 'Write five fields, such as `30 2 * * *`, and a time zone such as Europe/Berlin.'),
  HOLD_PRESENT: define('conflict', 'Release the hold first.'),
  JOB_ALREADY_ACTIVE: define('conflict', 'Wait for the running job of this source, or look at `backupctl jobs`.', true),
  LEASE_LOST: define('conflict', 'Stop work on this task: another agent holds it or it has ended.'),
  MIGRATION_FAILED: define(
    'internal',
    'Nothing was half applied where the database allows it; mend the cause and migrate again.',
  ),
  NAME_TAKEN: define('conflict', 'Choose another name, or update the one that exists.'),
  PLAN_STALE: define('conflict', 'Make a new plan, read it, and apply that one.'),
  RECOVERY_ENDED: define('conflict', 'Start a new recovery.'),
  RECOVERY_NOT_COMPLETED: define(
    'conflict',
    'Wait until the recovery is completed: `backupctl recoveries` shows it.',
    true,
  ),
  RECOVERY_NOT_FOUND: define('not_found', 'List recoveries with `backupctl recoveries`.'),
  REPOSITORY_UNKNOWN: define('not_found', 'Register the repository, or use the id of one that is registered.'),
  REQUEST_ID_REUSED: define(
    'conflict',
    'Use a new request_id for each new request, and the same one to repeat a request.',
  ),
  SCHEDULE_NOT_FOUND: define('not_found', 'List schedules with `backupctl schedules`.'),
  SOURCE_UNKNOWN: define('not_found', 'Register the source system, or use the name of one that is registered.'),
  TARGET_UNKNOWN: define('not_found', 'Register the target system, or use the name of one that is registered.'),
  TASK_NOT_FOUND: define('not_found', 'The task does not exist or its record was removed.'),

  // Sources and targets
  REPOSITORY_INSIDE_SOURCE: define('input', 'Put the repository outside the folder that is protected.'),
  SOURCE_EMPTY: define(
    'source',
    'Check that the source is mounted; if it is meant to be empty, allow an empty source in its settings.',
  ),
  SOURCE_MISSING: define('source', 'Check the path, and that it is mounted on the machine of the agent.'),
  SOURCE_UNREADABLE: define('source', 'Give the agent the right to read it, or run the agent as a user that has it.'),
  TARGET_INSIDE_REPOSITORY: define('input', 'Choose a target outside the repository.'),
  TARGET_INSIDE_SOURCE: define('input', 'Choose a target outside the source, and a source outside the target.'),
  TARGET_IS_LINK: define('target', 'Something planted a link in the target: remove it after you know who did.'),
  TARGET_NOT_WRITABLE: define('target', 'Give the agent the right to write there, or choose another target.'),
  TARGET_PATH_INVALID: define('input', 'Give an absolute path without `..`.'),
  DISK_FULL: define('target', 'Free space or choose another place, then start again: what is done is kept.', true),

  // Repository
  BLOB_DAMAGED: define('damage', 'Run `backupctl repository check --read-data`; heal from a second copy.'),
  BLOB_MISSING: define('damage', 'Run `backupctl repository check`; heal from a second copy.'),
  CONFIG_DAMAGED: define('damage', 'Restore the file `config` of the repository from a copy.'),
  CONFIG_UNSUPPORTED: define('input', 'This repository needs a newer version of the platform.'),
  COPY_UNRELATED: define('input', 'Name a replica of this very repository, which has the same config and keys.'),
  FILE_DAMAGED: define('damage', 'Run `backupctl repository check`; heal from a second copy.'),
  FORGET_POLICY_EMPTY: define('input', 'Give at least one rule that says what to keep, or the ids of snapshots.'),
  HISTORY_EMPTIED: define('conflict', 'Keep at least one snapshot of each source: correct the policy or the ids.'),
  INDEX_DAMAGED: define('damage', 'Rebuild the index from the packs, or heal from a second copy.'),
  KEY_AMBIGUOUS: define('input', 'Give more digits of the id.'),
  KEY_IN_USE: define('conflict', 'Open the repository with another key to remove this one, or change its password.'),
  KEY_LAST: define('conflict', 'Add a key that can be read first.'),
  KEY_NOT_FOUND: define('access', 'The repository holds no usable key file: restore the folder `keys` from a copy.'),
  KEY_UNKNOWN: define('not_found', 'List keys with `backupctl repository key list`.'),
  PACK_DAMAGED: define('damage', 'Run `backupctl repository check --read-data`; heal from a second copy.'),
  PACK_UNKNOWN: define(
    'not_found',
    'Packs have ids of 64 digits: take them from the findings of `backupctl repository check`.',
  ),
  PASSWORD_MISSING: define('access', 'Give the file that holds the password with --password-file.'),
  PASSWORD_WRONG: define('access', 'Give the password of one of the keys of this repository.'),
  REPOSITORY_EXISTS: define('conflict', 'Use the repository that is there, or choose an empty place.'),
  REPOSITORY_LOCK_LOST: define(
    'conflict',
    'Try again; keep the clocks of all machines that share the repository right, and leave held locks alone.',
    true,
  ),
  REPOSITORY_LOCKED: define(
    'conflict',
    'Wait for the other operation; a lock left by a dead process is removed by unlock.',
    true,
  ),
  REPOSITORY_NOT_FOUND: define('not_found', 'Check the location, or create one with `backupctl repository init`.'),
  REPOSITORY_SAME: define(
    'input',
    'Name another repository as the target; to mend a repository from its replica, heal it.',
  ),
  SNAPSHOT_AMBIGUOUS: define('input', 'Give more digits of the id.'),
  SNAPSHOT_DAMAGED: define('damage', 'Run `backupctl repository check`; heal from a second copy.'),
  SNAPSHOT_NOT_FOUND: define('not_found', 'List snapshots with `backupctl repository snapshots`.'),
  SNAPSHOT_PATH_NOT_FOUND: define('not_found', 'List the content with `backupctl repository ls`.'),
  STATE_FILE_INVALID: define('input', 'Name another state file, or remove this one: everything counts as unread then.'),
  TREE_DAMAGED: define('damage', 'Run `backupctl repository check`; heal from a second copy.'),
  TREE_HOSTILE: define(
    'damage',
    'The tree holds a name no file system can have: do not trust who wrote this repository.',
  ),
  VERIFY_MISMATCH: define('damage', 'Recover again; if it stays, run `backupctl repository check --read-data`.'),

  // Storage
  STORAGE_ACCESS_DENIED: define('access', 'Give this role or user the right to use the repository’s storage.'),
  STORAGE_FILE_MISSING: define('storage', 'Run `backupctl repository check` to see what is affected.'),
  STORAGE_FULL: define('storage', 'Free space where the repository lies, then run the job again.', true),
  STORAGE_LOCATION_INVALID: define('input', 'Give a folder, or s3:https://host/bucket/prefix.'),
  STORAGE_NOT_VERSIONED: define('input', 'Only a bucket that keeps versions has an earlier state: see S3 Versioning.'),
  STORAGE_OPTIONS_INVALID: define('input', 'Correct the named option of the storage.'),
  STORAGE_READ_ONLY: define('input', 'A state of the past cannot be changed: leave out --as-of to write.'),
  STORAGE_OBJECT_LOCKED: define(
    'storage',
    'The storage protects it until its retention ends: run the same again then.',
    true,
  ),
  STORAGE_UNAVAILABLE: define('unavailable', 'Check the network and the service, then try again.', true),

  // Agent, local platform, command line
  AGENT_STOPPED: define('unavailable', 'The task returns when its lease ends and another agent finishes it.', true),
  BENCHMARK_FAILED: define('internal', 'Read what the named program said, and run that command by itself.'),
  CANCELLED: define('conflict', 'It was cancelled on request; start it again if that was not meant.'),
  CLI_USAGE: define('input', 'See --help.'),
  DATA_IN_USE: define('conflict', 'Stop the platform that uses this data folder, or choose another with --data.'),
  DATA_INSIDE_SOURCE: define('input', 'Choose a data folder outside the source, and a source outside the data folder.'),
  ENVIRONMENT_INVALID: define('input', 'Set the named environment variables.'),
  FILE_EXISTS: define('conflict', 'Choose another file, or remove the one that is there.'),
  FILE_NOT_WRITABLE: define('input', 'Check the path and the right to write there.'),
  FILE_UNREADABLE: define('input', 'Check the path and the right to read it.'),
  FINDINGS: define('damage', 'Read the findings above; each says what is affected.'),
  METADATA_UNAVAILABLE: define(
    'unavailable',
    'Check that the instance metadata service is on for this instance, in version 2.',
    true,
  ),
  PLATFORM_NOT_RUNNING: define(
    'unavailable',
    'Start it with `npm start`, or name its endpoint with --endpoint-url.',
    true,
  ),
  PORT_IN_USE: define('conflict', 'Choose another with --port, or leave it out for a free one.'),
  PROOF_FAILED: define('damage', 'The recovered folder differs from the source: see the listed paths.'),
  SECRET_EXPOSED: define(
    'access',
    'Take the rights of group and others away with `chmod 600`, and change the secret if others read it.',
  ),
  SECRET_MISSING: define('access', 'Restore the secret; without the password the repository cannot be opened.'),
  SECRET_UNAVAILABLE: define('unavailable', 'Check that Secrets Manager can be reached, then try again.', true),
  SETTINGS_INVALID: define('input', 'Correct the named fields of the settings.'),
  // Deployment
  ARTIFACTS_BUCKET_FOREIGN: define('access', 'Name a bucket of this account, in the parameter ArtifactsBucket.'),
  ARTIFACTS_BUCKET_MISSING: define('not_found', 'Create it, or leave the name out for the one of the convention.'),
  ARTIFACTS_MISSING: define('input', 'Build with `npm run bundle`, or leave out --built.'),
  AWS_ACCESS_DENIED: define('access', 'Give this user or role the right to do it, and check its credentials.'),
  AWS_CREDENTIALS_MISSING: define('access', 'Sign in with `aws login` or `aws configure`, then try again.'),
  AWS_REFUSED: define('conflict', 'Correct what the reason names, then run the same again.'),
  AWS_REGION_MISSING: define('input', 'Give the Region with --region.'),
  AWS_UNAVAILABLE: define('unavailable', 'Check the network and the service, then try again.', true),
  BUILD_FAILED: define('internal', 'Run `npm run bundle`, and mend what it says.'),
  CHANGE_SET_FAILED: define('conflict', 'Correct what the reason names, then run the same again; nothing was changed.'),
  CONFIRMATION_MISSING: define('input', 'Add --yes to agree without a terminal.'),
  DATA_WOULD_BE_REPLACED: define('conflict', 'Change what the plan gives as the reason, or agree with --replace-data.'),
  DEPLOYMENT_FAILED: define(
    'conflict',
    'Do what stands above under "what to do"; see "Troubleshooting" in docs/operations.md.',
  ),
  PARAMETERS_FILE_INVALID: define(
    'input',
    'Write a list of {"ParameterKey": "…", "ParameterValue": "…"}, as in parameters.example.json.',
  ),
  PARAMETERS_INVALID: define('input', 'Correct them in the parameters file; nothing was called.'),
  STACK_BUSY: define('conflict', 'Wait until CloudFormation has ended what it does, then run the same again.', true),
  STACK_NOT_FOUND: define('not_found', 'Check the name, the Region and the account.'),
  STACK_NOT_UPDATABLE: define('conflict', 'Do what the message says first.'),
  STACK_PROTECTED: define(
    'conflict',
    'Deploy with Environment set to staging, and turn termination protection off; then delete.',
  ),
} as const satisfies Record<string, ErrorDefinition>;

/** A stable code of the registry. */
export type ErrorCode = keyof typeof errorRegistry;

/** Tells whether `text` is a code of the registry. */
export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(errorRegistry, text);
}
