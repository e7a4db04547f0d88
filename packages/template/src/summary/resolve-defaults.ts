import type { ReadTemplate } from './read-template.ts';

/** The text of a value when every parameter has its default; what only a stack knows becomes an empty text. */
export const textByDefault = (value: unknown, template: ReadTemplate): string => {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'object' || value === null) return '';
  if ('Ref' in value) return textByDefault(template.Parameters[String(value.Ref)]?.Default ?? '', template);
  if ('Fn::Sub' in value && typeof value['Fn::Sub'] === 'string') {
    return value['Fn::Sub'].replaceAll(/\$\{([^}!]+)\}/g, (_, name: string) => textByDefault({ Ref: name }, template));
  }
  return '';
};

/** Whether a condition holds when every parameter has its default. */
export const holdsByDefault = (condition: unknown, template: ReadTemplate): boolean => {
  if (typeof condition === 'string') return holdsByDefault(template.Conditions[condition], template);
  if (typeof condition !== 'object' || condition === null) return true;
  const [[name, argument] = ['', undefined]] = Object.entries(condition) as [string, unknown][];
  const list: readonly unknown[] = Array.isArray(argument) ? argument : [argument];
  switch (name) {
    case 'Condition':
      return holdsByDefault(argument, template);
    case 'Fn::Not':
      return !holdsByDefault(list[0], template);
    case 'Fn::And':
      return list.every((one) => holdsByDefault(one, template));
    case 'Fn::Or':
      return list.some((one) => holdsByDefault(one, template));
    case 'Fn::Equals':
      return textByDefault(list[0], template) === textByDefault(list[1], template);
    default:
      return true;
  }
};
