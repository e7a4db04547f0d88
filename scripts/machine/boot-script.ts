import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';

/**
 * The UserData of a launch template of a committed template, as CloudFormation would hand it to an instance.
 *
 * @param values what `${…}` stands for in it
 * @throws Error when there is none, or it asks for a value that is not given
 */
export const bootScript = (
  root: string,
  template: string,
  launchTemplate: string,
  values: Readonly<Record<string, string>>,
): string => {
  const document = parseDocument(readFileSync(join(root, 'templates', template), 'utf8'), {
    version: '1.1',
    logLevel: 'silent',
  });
  const place = ['Resources', launchTemplate, 'Properties', 'LaunchTemplateData', 'UserData', 'Fn::Base64', 0];
  const script = document.getIn(place);
  if (typeof script !== 'string') throw new Error(`${template} has no UserData in ${launchTemplate}`);
  return script.replace(/\$\{([^}]+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`the UserData asks for ${name}`);
    return value;
  });
};
