import { ServiceRefusal } from './service-error.ts';

/** A function as a request names it. */
export interface RequestedFunction {
  readonly name: string;
  /** Version or alias; null when the request names none. */
  readonly qualifier: string | null;
}

/**
 * What may stand in a request for a function: its name, `name:qualifier`, a partial ARN or a full one. From the pattern
 * of FunctionName in https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_RequestParameters.
 */
const namePattern =
  /^(?:arn:aws[a-zA-Z-]*:lambda:)?(?:(?:eusc-)?[a-z]{2}(?:-gov|-iso[a-z]?)?-[a-z]+-\d:)?(?:\d{12}:)?(?:function:)?(?<name>[a-zA-Z0-9_.-]+)(?::(?<qualifier>\$LATEST|[a-zA-Z0-9_-]+))?$/;

const longestName = 170;

/**
 * Takes the name and qualifier out of the path and query of a request. Region and account of an ARN are not looked at:
 * this machine has one of each. Throws ServiceRefusal when the name is malformed or two qualifiers contradict.
 */
export function parseFunctionName(encoded: string, queryQualifier: string | null): RequestedFunction {
  const text = decode(encoded);
  const groups = text.length <= longestName ? namePattern.exec(text)?.groups : undefined;
  const name = groups?.['name'];
  if (name === undefined) {
    throw new ServiceRefusal('ValidationException', 'functionName is not the name or the ARN of a function');
  }
  const qualifier = groups?.['qualifier'] ?? null;
  const wanted = queryQualifier === '' ? null : queryQualifier;
  if (qualifier !== null && wanted !== null && qualifier !== wanted) {
    throw new ServiceRefusal(
      'InvalidParameterValueException',
      'the qualifier in the name of the function and the parameter Qualifier differ',
    );
  }
  return { name, qualifier: qualifier ?? wanted };
}

function decode(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw new ServiceRefusal('ValidationException', 'functionName is not correctly percent-encoded');
  }
}
