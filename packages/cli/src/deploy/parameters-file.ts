import { PlatformError } from '@enterprise-backup/contracts/errors';
import { readTextFile } from '../files/read-text-file.ts';

/** Values of a template's parameters by their names. */
export type ParameterValues = ReadonlyMap<string, string>;

/**
 * Reads a file of parameters as the AWS CLI takes it: a list of objects with ParameterKey and ParameterValue, both text.
 * Throws FILE_UNREADABLE and PARAMETERS_FILE_INVALID; no value is part of a message.
 */
export async function readParametersFile(path: string): Promise<ParameterValues> {
  const refuse = (what: string): never => {
    throw new PlatformError('PARAMETERS_FILE_INVALID', `${path} ${what}`);
  };
  const entries = parseJson(await readTextFile(path));
  if (!Array.isArray(entries)) return refuse('does not hold a list of parameters');
  const values = new Map<string, string>();
  for (const [index, entry] of (entries as readonly unknown[]).entries()) {
    if (!isEntry(entry))
      return refuse(`has an entry, number ${index + 1}, that is not a key and a value, both as text`);
    if (values.has(entry.ParameterKey)) return refuse(`gives ${entry.ParameterKey} twice`);
    values.set(entry.ParameterKey, entry.ParameterValue);
  }
  return values;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Without the cause: the parser's message quotes the text, which may hold a password.
    return undefined;
  }
}

function isEntry(value: unknown): value is { readonly ParameterKey: string; readonly ParameterValue: string } {
  if (typeof value !== 'object' || value === null) return false;
  const { ParameterKey, ParameterValue, ...rest } = value as Record<string, unknown>;
  return typeof ParameterKey === 'string' && typeof ParameterValue === 'string' && Object.keys(rest).length === 0;
}
