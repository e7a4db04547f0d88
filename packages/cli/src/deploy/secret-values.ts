import type { MainTemplate } from './main-template.ts';
import type { ParameterValues } from './parameters-file.ts';

/** The values that no output may hold: those of parameters with NoEcho. */
export function secretValues(declared: MainTemplate['parameters'], values: ParameterValues): readonly string[] {
  return [...values]
    .filter(([name, value]) => declared[name]?.NoEcho === true && value !== '')
    .map(([, value]) => value);
}

/** Text of AWS's without secrets: a service may repeat in its reason what it was given. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, '****'), text);
}
