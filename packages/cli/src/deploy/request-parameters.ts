import type { Parameter } from '@aws-sdk/client-cloudformation';
import type { Artifact } from './artifacts.ts';
import type { MainTemplate } from './main-template.ts';
import type { ParameterValues } from './parameters-file.ts';

/**
 * The parameters of a request: what the file gives; the artifacts by their content, so that a change of code is a change
 * of the stack; for all others the value that the stack has, or else the template's default. A file that names its own
 * artifacts is followed.
 */
export function requestParameters(
  declared: MainTemplate['parameters'],
  given: ParameterValues,
  artifacts: readonly Artifact[],
  existing: ReadonlySet<string> | null,
): readonly Parameter[] {
  const ofArtifacts = new Map(artifacts.map((each) => [each.parameter, each.parameterValue(each.prefix)]));
  return Object.keys(declared).flatMap((name): Parameter[] => {
    const value = given.get(name) ?? ofArtifacts.get(name);
    if (value !== undefined) return [{ ParameterKey: name, ParameterValue: value }];
    return existing?.has(name) === true ? [{ ParameterKey: name, UsePreviousValue: true }] : [];
  });
}
