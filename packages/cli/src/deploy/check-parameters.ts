import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { DeclaredParameter, MainTemplate } from './main-template.ts';
import type { ParameterValues } from './parameters-file.ts';
import { vpcRangeFault } from './vpc-range.ts';

/**
 * Holds values against what the template declares and against what its patterns cannot say: a range of addresses that is
 * one, a DR Region that is another, more agents at most than at least. Throws PARAMETERS_INVALID with every fault and
 * what is taken; the value of a secret parameter is never part of it.
 */
export function checkParameters(declared: MainTemplate['parameters'], values: ParameterValues, region: string): void {
  const faults = [...values].flatMap(([name, value]) => {
    const parameter = declared[name];
    if (parameter === undefined) return [`${name} is no parameter of main.yaml`];
    const fault = valueFault(parameter, value) ?? ownFault(name, value, region);
    if (fault === null) return [];
    return [`${name} ${parameter.NoEcho === true ? '' : `${JSON.stringify(value)} `}is refused: ${fault}`];
  });
  const least = agentCount(declared, values, 'AgentMinimum');
  const most = agentCount(declared, values, 'AgentMaximum');
  if (faults.length === 0 && least > most) {
    faults.push(`AgentMinimum ${least} is more than AgentMaximum ${most}: raise the second or lower the first`);
  }
  if (faults.length > 0) throw new PlatformError('PARAMETERS_INVALID', faults.join('; '));
}

/** Why the template's own declaration does not take a value, and what it takes; null when it does. */
function valueFault(declared: DeclaredParameter, value: string): string | null {
  const { AllowedValues, AllowedPattern, ConstraintDescription, Description = '' } = declared;
  if (AllowedValues !== undefined && !AllowedValues.map(String).includes(value)) {
    return `it must be one of ${AllowedValues.join(', ')}`;
  }
  if (declared.Type === 'Number') return numberFault(declared, value);
  // CloudFormation holds the whole value against the pattern.
  if (AllowedPattern !== undefined && !new RegExp(`^(?:${AllowedPattern})$`).test(value)) {
    return ConstraintDescription === undefined
      ? `it does not fit the pattern ${AllowedPattern} (${Description})`
      : `it must be ${ConstraintDescription}`;
  }
  return value.length > longestValue ? `it must have at most ${longestValue} characters` : null;
}

/** "AWS CloudFormation quotas": bytes of a parameter's value. */
const longestValue = 4096;

function numberFault({ MinValue, MaxValue }: DeclaredParameter, value: string): string | null {
  const number = Number(value);
  const fits = /^-?\d+$/.test(value) && number >= (MinValue ?? -Infinity) && number <= (MaxValue ?? Infinity);
  if (fits) return null;
  const bounds = [
    ...(MinValue === undefined ? [] : [`of at least ${MinValue}`]),
    ...(MaxValue === undefined ? [] : [`of at most ${MaxValue}`]),
  ];
  return ['it must be a whole number', bounds.join(' and ')].filter((part) => part !== '').join(' ');
}

/** Faults that the template's declarations cannot express. */
function ownFault(name: string, value: string, region: string): string | null {
  if (name === 'VpcCidr') return vpcRangeFault(value);
  if (name !== 'DRRegion' || value !== region) return null;
  return 'it is the Region of the stack itself; give another one, or an empty value for none';
}

function agentCount(declared: MainTemplate['parameters'], values: ParameterValues, name: string): number {
  return Number(values.get(name) ?? declared[name]?.Default ?? 0);
}
