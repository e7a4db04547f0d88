import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { checkoutFolder } from '../platform/checkout.ts';
import { zipFolder } from './zip-folder.ts';

/** The folder of the bucket where the defaults of main.yaml look. */
export const currentPrefix = 'current';

/** A file that a deployment takes from the bucket of the artifacts. */
export interface ArtifactFile {
  /** Its name below the prefix. */
  readonly name: string;
  readonly sha256: Buffer;
  /** Its bytes, read when they are sent. */
  read(): Buffer;
}

/** Files that are deployed together, under one prefix that follows from their content. */
export interface Artifact {
  readonly name: 'orchestrator' | 'recovery' | 'agent' | 'templates';
  /** Such as `sha256/0f3a…`; the same content always has the same prefix. */
  readonly prefix: string;
  readonly files: readonly ArtifactFile[];
  /** The parameter of main.yaml that names it. */
  readonly parameter: string;
  /** The value of that parameter below a prefix. */
  parameterValue(prefix: string): string;
}

const architectures = ['aarch64', 'x86_64'];

/** Everything that main.yaml takes from the bucket: what was built into `dist`, and `templates/`. Throws ARTIFACTS_MISSING. */
export function readArtifacts(dist: string): readonly Artifact[] {
  const templates = join(checkoutFolder, 'templates');
  const bundle = (name: 'orchestrator' | 'recovery', parameter: string): Artifact => {
    const bytes = zipFolder(existing(join(dist, name)));
    return artifact(name, parameter, (prefix) => `${prefix}/${name}.zip`, [inMemory(`${name}.zip`, bytes)]);
  };
  return [
    bundle('orchestrator', 'OrchestratorCode'),
    bundle('recovery', 'RecoveryCode'),
    artifact(
      'agent',
      'AgentArchive',
      (prefix) => `${prefix}/agent`,
      architectures.map((name) => onDisk(`agent-${name}.tar.gz`, existing(join(dist, `agent-${name}.tar.gz`)))),
    ),
    artifact(
      'templates',
      'TemplatePrefix',
      (prefix) => prefix,
      readdirSync(templates)
        // main.yaml itself goes with the request, and a change of it is none of the others.
        .filter((name) => name.endsWith('.yaml') && name !== 'main.yaml')
        .toSorted()
        .map((name) => inMemory(name, readFileSync(join(templates, name)))),
    ),
  ];
}

function artifact(
  name: Artifact['name'],
  parameter: string,
  parameterValue: Artifact['parameterValue'],
  files: readonly ArtifactFile[],
): Artifact {
  const content = createHash('sha256');
  for (const file of files) content.update(`${file.name} `).update(file.sha256);
  return { name, prefix: `sha256/${content.digest('hex').slice(0, 32)}`, files, parameter, parameterValue };
}

function existing(path: string): string {
  if (existsSync(path)) return path;
  throw new PlatformError('ARTIFACTS_MISSING', `${path} is missing`);
}

function inMemory(name: string, bytes: Buffer): ArtifactFile {
  return { name, sha256: createHash('sha256').update(bytes).digest(), read: () => bytes };
}

/** Archives of agents weigh tens of megabytes, so only one at a time is held. */
function onDisk(name: string, path: string): ArtifactFile {
  return {
    name,
    sha256: createHash('sha256').update(readFileSync(path)).digest(),
    read: () => readFileSync(path),
  };
}
