import { toPlatformError } from '@enterprise-backup/contracts/errors';
import { describe, expect, it } from 'vitest';
import { checkParameters } from './check-parameters.ts';
import { readMainTemplate } from './main-template.ts';

const { parameters } = readMainTemplate();
const region = 'us-east-1';
const right = { Environment: 'production', DBPassword: 'a-Password-for-tests-2026', BackupRetentionDays: '30' };

/** The sentence with which values are refused, or null when they are taken. */
const refusal = (values: Readonly<Record<string, string>>): string | null => {
  try {
    checkParameters(parameters, new Map(Object.entries({ ...right, ...values })), region);
    return null;
  } catch (error) {
    const { code, message } = toPlatformError(error);
    expect(code).toBe('PARAMETERS_INVALID');
    return message;
  }
};

describe('parameters of main.yaml', () => {
  it('takes the three that suffice, and every default', () => {
    expect(refusal({})).toBeNull();
    const defaults = Object.entries(parameters).map(([name, { Default }]) => [name, String(Default ?? '')]);
    expect(refusal(Object.fromEntries(defaults) as Record<string, string>)).toBeNull();
  });

  it.each([
    ['an unknown environment', { Environment: 'prod' }, /^Environment "prod" is refused: it must be one of production/],
    ['a retention of 0', { BackupRetentionDays: '0' }, /a whole number of at least 1 and of at most 3650/],
    ['a retention that is none', { BackupRetentionDays: '30 days' }, /BackupRetentionDays "30 days" is refused/],
    ['the Region of the stack', { DRRegion: region }, /the Region of the stack itself; give another one, or an empty/],
    ['a range that is too small', { VpcCidr: '10.60.0.0/24' }, /a private range of \/16 to \/21, such as/],
    ['a range that starts elsewhere', { VpcCidr: '10.60.8.0/16' }, /starts at 10\.60\.0\.0, so write 10\.60\.0\.0\/16/],
    ['numbers that are none', { VpcCidr: '10.600.0.0/16' }, /each of its four numbers must be from 0 to 255/],
    ['a public range', { VpcCidr: '172.32.0.0/16' }, /it must lie in 10\.0\.0\.0\/8, 172\.16\.0\.0\/12/],
    ['more agents at least', { AgentMinimum: '20' }, /AgentMinimum 20 is more than AgentMaximum 10/],
    ['a name that is none', { Enviroment: 'production' }, /^Enviroment is no parameter of main\.yaml/],
  ])('refuses %s and says what it takes', (_what, values, sentence) => {
    expect(refusal(values as unknown as Record<string, string>)).toMatch(sentence);
  });

  it.each(['short-1', 'with space in it', 'with/slash/in/it', 'with@sign-in-it', 'with"quote-in-it', 'x'.repeat(42)])(
    'refuses the password %j and does not repeat it',
    (password) => {
      const sentence = refusal({ DBPassword: password });
      expect(sentence).toMatch(/^DBPassword is refused: it must be 12 to 41 printable characters without space/);
      expect(sentence).not.toContain(password);
    },
  );

  it('names every fault at once', () => {
    expect(refusal({ Environment: 'x', BackupRetentionDays: '0' })).toMatch(/^Environment .+; BackupRetentionDays /);
  });
});
