import { isDeepStrictEqual } from 'node:util';
import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import type { ReadResource, ReadTemplate } from './read-template.ts';

/** What an update does to a resource that is in both templates. `maybe` depends on the new value. */
export type Replacement = 'no' | 'maybe' | 'yes';

/** A resource with other properties than before. */
export interface ChangedResource {
  readonly id: string;
  readonly type: string;
  /** Names of the properties that differ. */
  readonly properties: readonly string[];
  readonly replacement: Replacement;
}

/** What an update from one template to another does, by logical ids. */
export interface ResourceChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly ChangedResource[];
}

/**
 * Compares the resources of two templates. Whether a changed one is replaced is the update behaviour of CloudFormation's
 * resource specification; another type under the same id is another resource.
 */
export const compareResources = (base: ReadTemplate, now: ReadTemplate): ResourceChanges => {
  const before = Object.entries(base.Resources);
  const after = Object.entries(now.Resources);
  return {
    added: after.filter(([id]) => !(id in base.Resources)).map(([id]) => id),
    removed: before.filter(([id]) => !(id in now.Resources)).map(([id]) => id),
    changed: after.flatMap(([id, resource]) => {
      const earlier = base.Resources[id];
      return earlier === undefined || isDeepStrictEqual(earlier, resource) ? [] : [changeOf(id, earlier, resource)];
    }),
  };
};

const changeOf = (id: string, before: ReadResource, after: ReadResource): ChangedResource => {
  const old = before.Properties ?? {};
  const properties = [...new Set([...Object.keys(old), ...Object.keys(after.Properties ?? {})])].filter(
    (name) => !isDeepStrictEqual(old[name], after.Properties?.[name]),
  );
  const replacement = before.Type === after.Type ? replacementBy(after.Type, properties) : 'yes';
  return { id, type: after.Type, properties, replacement };
};

const replacementBy = (type: string, properties: readonly string[]): Replacement => {
  const known = specification().lookup('resource', 'cloudFormationType', 'equals', type)[0]?.properties ?? {};
  const causes = properties.map((name) => known[name]?.causesReplacement ?? 'no');
  if (causes.includes('yes')) return 'yes';
  return causes.includes('maybe') ? 'maybe' : 'no';
};

let loaded: ReturnType<typeof loadAwsServiceSpecSync> | undefined;
const specification = (): ReturnType<typeof loadAwsServiceSpecSync> => (loaded ??= loadAwsServiceSpecSync());
