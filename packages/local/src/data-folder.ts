import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  realpathSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { defaultAgentSettings, type AgentSettings } from '@enterprise-backup/agent/settings';

/** Where the platform of one machine keeps what it has. All paths are absolute. */
export interface DataFolder {
  readonly path: string;
  /** The catalog, an SQLite file. */
  readonly catalog: string;
  /** The repository, a folder that the first backup makes. */
  readonly repository: string;
  /** Files with mode 0600, one for each secret. */
  readonly secrets: string;
  /** The agents' settings, a JSON file. */
  readonly settings: string;
  readonly logs: string;
  /** While a platform runs: where it is reached. */
  readonly endpoint: string;
  /** Held open by the platform that uses the folder. */
  readonly lock: string;
}

/** Name of the secret that opens the platform's own repository. */
export const repositorySecret = 'repository-password';

/** On one machine a person watches, and a question costs next to nothing. */
const firstSettings: AgentSettings = { ...defaultAgentSettings, poll_seconds: 1, progress_seconds: 0.5 };

/** The parts of the data folder `path`, which need not exist. */
export function dataFolderAt(path: string): DataFolder {
  return {
    path,
    catalog: join(path, 'catalog.sqlite'),
    repository: join(path, 'repository'),
    secrets: join(path, 'secrets'),
    settings: join(path, 'settings.json'),
    logs: join(path, 'logs'),
    endpoint: join(path, 'endpoint.json'),
    lock: join(path, 'lock'),
  };
}

/** Makes the folder itself, for its user alone, and returns its parts by their real path. */
export function openDataFolder(path: string): DataFolder {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return dataFolderAt(realpathSync(path));
}

/**
 * Makes what is missing in the folder: the folders for secrets and logs, the settings with their defaults, and, where
 * there is no repository yet, a random password for it. Only the holder of the folder's lock may call this.
 *
 * @throws PlatformError SECRET_MISSING when there is a repository whose password is gone: a new one would not open it.
 */
export function layOutDataFolder(folder: DataFolder): void {
  mkdirSync(folder.secrets, { recursive: true, mode: 0o700 });
  mkdirSync(folder.logs, { recursive: true, mode: 0o700 });
  if (!existsSync(folder.settings)) writeDurably(folder.settings, `${JSON.stringify(firstSettings, null, 2)}\n`, 0o644);
  const secret = join(folder.secrets, repositorySecret);
  if (existsSync(secret)) return;
  if (existsSync(join(folder.repository, 'config'))) {
    throw new PlatformError(
      'SECRET_MISSING',
      `${secret} is missing, the password of the repository ${folder.repository}`,
    );
  }
  writeDurably(secret, `${randomBytes(32).toString('base64url')}\n`, 0o600);
}

/**
 * Writes a file that does not exist yet so that it is there whole or not at all, also after a crash of the machine: the
 * password must never be lost once a repository was made with it.
 */
function writeDurably(path: string, text: string, mode: number): void {
  const temporary = `${path}.${process.pid}.new`;
  rmSync(temporary, { force: true });
  const file = openSync(temporary, 'wx', mode);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  linkSync(temporary, path);
  rmSync(temporary);
  const parent = openSync(join(path, '..'), 'r');
  try {
    fsyncSync(parent);
  } finally {
    closeSync(parent);
  }
}
