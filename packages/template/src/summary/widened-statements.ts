import type { ReadTemplate } from './read-template.ts';

/**
 * What the policies of `now` allow and those of `base` do not, one line for each action on a resource: `Role: action on
 * resource`, with the condition where there is one. A statement that lost its condition shows up as well.
 */
export const widenedStatements = (base: ReadTemplate, now: ReadTemplate): string[] => {
  const before = new Set(grantsOf(base));
  return grantsOf(now).filter((grant) => !before.has(grant));
};

const grantsOf = (template: ReadTemplate): string[] =>
  Object.entries(template.Resources).flatMap(([id, { Properties }]) =>
    allowsIn(Properties).flatMap(({ Action, NotAction, Resource, Principal, Condition }) =>
      toList(Action ?? NotAction).flatMap((action) =>
        toList(Resource ?? Principal).map((resource) => {
          const condition = Condition === undefined ? '' : ` if ${JSON.stringify(Condition)}`;
          return `${id}: ${JSON.stringify(action)} on ${JSON.stringify(resource)}${condition}`;
        }),
      ),
    ),
  );

type Allow = Readonly<Record<'Action' | 'NotAction' | 'Resource' | 'Principal' | 'Condition', unknown>>;

const allowsIn = (value: unknown): Allow[] => {
  if (typeof value !== 'object' || value === null) return [];
  const inside = Object.values(value).flatMap(allowsIn);
  return 'Effect' in value && value.Effect === 'Allow' ? [value as unknown as Allow, ...inside] : inside;
};

const toList = (value: unknown): unknown[] =>
  Array.isArray(value) ? (value as unknown[]) : value === undefined ? ['*'] : [value];
