import * as z from 'zod';
import { systemName, timestamp } from './catalog.ts';
import { repositoryId } from './ids.ts';

/** An absolute path without `..`, `.` or empty components and without a zero byte. */
export const absolutePath = z
  .string()
  .max(4096)
  .refine(
    (path) =>
      path.startsWith('/') &&
      !path.includes('\0') &&
      (path === '/' ||
        path
          .slice(1)
          .split('/')
          .every((part) => part !== '' && part !== '.' && part !== '..')),
    'must be an absolute path without `..`, `.`, a double or a trailing slash',
  );

/** A folder on the agent's machine that is protected. */
export const filesystemSource = z.strictObject({
  kind: z.literal('filesystem'),
  path: absolutePath,
  /** Glob patterns, relative to the folder, of what is left out (as in .gitignore: `*.tmp`, `cache/`). */
  excludes: z.array(z.string().min(1).max(1024)).max(1000).default([]),
  /** Whether a folder that holds nothing is a backup; otherwise it is the failure SOURCE_EMPTY. */
  allow_empty: z.boolean().default(false),
});

/** Settings of a source system, by kind. */
export const sourceSettings = z.discriminatedUnion('kind', [filesystemSource]);
export type SourceSettings = z.infer<typeof sourceSettings>;

/** A folder on the agent's machine that recoveries write into. It is created when it is missing; its parent must exist. */
export const filesystemTarget = z.strictObject({ kind: z.literal('filesystem'), path: absolutePath });

/** Settings of a target system, by kind. */
export const targetSettings = z.discriminatedUnion('kind', [filesystemTarget]);
export type TargetSettings = z.infer<typeof targetSettings>;

/** A registered source system. */
export const sourceSystem = z.object({
  source_system: systemName,
  settings: sourceSettings,
  repository_id: repositoryId,
  created_at: timestamp,
});
export type SourceSystem = z.infer<typeof sourceSystem>;

/** A registered target system. */
export const targetSystem = z.object({ target_system: systemName, settings: targetSettings, created_at: timestamp });
export type TargetSystem = z.infer<typeof targetSystem>;

/** Where a repository lies and which secret opens it. The password itself is never in the catalog or in a request. */
export const repositoryReference = z.object({
  repository_id: repositoryId,
  /** A folder (absolute path) or `s3:https://host/bucket/prefix`. */
  location: z.string().min(1).max(2048),
  /** Name of the secret that holds the password: an ARN in AWS, a file's name in the secrets folder on one machine. */
  password_secret: z.string().min(1).max(2048),
});
export type RepositoryReference = z.infer<typeof repositoryReference>;
