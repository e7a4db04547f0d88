import { Fn, IntrinsicFunction } from 'cloudform';

/** A parameter, a resource or a pseudo parameter by its name. */
export const ref = (name: string): IntrinsicFunction => Fn.Ref(name);

/** An attribute of a resource. */
export const attribute = (resource: string, name: string): IntrinsicFunction => Fn.GetAtt(resource, name);

/** A text with `${…}` in it. cloudform's own Sub takes two arguments and writes an invalid pair when it is given one. */
export const sub = (text: string): IntrinsicFunction => new IntrinsicFunction('Fn::Sub', text);

/** An ARN in the partition of the stack, from what follows `arn:aws:`; may hold `${…}`. */
export const arn = (text: string): IntrinsicFunction => sub(`arn:\${AWS::Partition}:${text}`);

/** `yes` while the condition holds, else `no`, which is by default no property at all. */
export const when = (condition: string, yes: unknown, no: unknown = noValue): IntrinsicFunction =>
  Fn.If(condition, yes, no);

/** Takes a property away. */
export const noValue = Fn.Ref('AWS::NoValue');

/** The subnet of this place among those that the network is cut into: 8 bits, 256 addresses each. */
export const subnetBlock = (network: string, index: number): IntrinsicFunction =>
  Fn.Select(index, new IntrinsicFunction('Fn::Cidr', [ref(network), 6, 8]));

/** The availability zone of this place in the Region's own order. */
export const zone = (index: number): IntrinsicFunction => Fn.Select(index, Fn.GetAZs(''));

/**
 * An intrinsic function in a place for which cloudform's types take only the object that it gives. CloudFormation takes
 * a function wherever it takes a value.
 */
export const as = <Shape>(value: IntrinsicFunction | object | string): Shape => value as unknown as Shape;
