import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const checkout = new URL('../../../', import.meta.url);

describe('parameters.example.json', () => {
  it('holds values that main.yaml takes', () => {
    const example = JSON.parse(readFileSync(new URL('parameters.example.json', checkout), 'utf8')) as {
      readonly ParameterKey: string;
      readonly ParameterValue: string;
    }[];
    const { Parameters: declared } = parse(readFileSync(new URL('templates/main.yaml', checkout), 'utf8'), {
      logLevel: 'silent',
    }) as {
      readonly Parameters: Readonly<
        Record<string, { readonly AllowedPattern?: string; readonly AllowedValues?: unknown[] }>
      >;
    };
    expect(example.map(({ ParameterKey }) => ParameterKey)).toEqual([
      'Environment',
      'DBPassword',
      'BackupRetentionDays',
    ]);
    for (const { ParameterKey, ParameterValue } of example) {
      const { AllowedPattern = '.*', AllowedValues = [ParameterValue] } = declared[ParameterKey] ?? {};
      expect(ParameterValue).toMatch(new RegExp(`^(?:${AllowedPattern})$`));
      expect(AllowedValues).toContain(ParameterValue);
    }
  });
});
