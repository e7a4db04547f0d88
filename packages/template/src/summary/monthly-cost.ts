import { prices } from './prices.ts';
import type { ReadResource, ReadTemplate } from './read-template.ts';
import { holdsByDefault, textByDefault } from './resolve-defaults.ts';

/** US dollars a month by type of resource, with all parameters at their defaults; types that cost nothing are left out. */
export const monthlyCost = (template: ReadTemplate): Map<string, number> => {
  const costs = new Map<string, number>();
  for (const resource of Object.values(template.Resources)) {
    if (resource.Condition !== undefined && !holdsByDefault(resource.Condition, template)) continue;
    const cost = costOf(resource, template);
    if (cost > 0) costs.set(resource.Type, (costs.get(resource.Type) ?? 0) + cost);
  }
  return costs;
};

const { hoursOfMonth } = prices;

const costOf = ({ Type, Properties = {} }: ReadResource, template: ReadTemplate): number => {
  const text = (name: string): string => textByDefault(Properties[name], template);
  switch (Type) {
    case 'AWS::EC2::NatGateway':
      return prices.natGatewayHour * hoursOfMonth;
    case 'AWS::EC2::EIP':
      return prices.publicAddressHour * hoursOfMonth;
    case 'AWS::EC2::VPCEndpoint':
      return text('VpcEndpointType') === 'Interface'
        ? prices.interfaceEndpointHour * hoursOfMonth * lengthOf(Properties['SubnetIds'])
        : 0;
    case 'AWS::KMS::Key':
    case 'AWS::KMS::ReplicaKey':
      return prices.keyMonth;
    case 'AWS::SecretsManager::Secret':
      return prices.secretMonth;
    case 'AWS::CloudWatch::Alarm':
      return prices.alarmMetricMonth * Math.max(1, lengthOf(Properties['Metrics']) - 1);
    case 'AWS::CloudWatch::Dashboard':
      return prices.dashboardMonth;
    case 'AWS::RDS::DBInstance': {
      const copies = text('MultiAZ') === 'true' ? 2 : 1;
      const hour = priceIn(prices.databaseHour, text('DBInstanceClass'));
      return copies * (hour * hoursOfMonth + Number(text('AllocatedStorage')) * prices.databaseGibMonth);
    }
    case 'AWS::AutoScaling::AutoScalingGroup':
      return instancesOf(Properties, text) * instanceCost(Properties, template);
    default:
      return 0;
  }
};

const instancesOf = (properties: Readonly<Record<string, unknown>>, text: (name: string) => string): number =>
  Number(text('DesiredCapacity' in properties ? 'DesiredCapacity' : 'MinSize'));

/** An instance of the first type of the group's launch template, on demand, with its volume. */
const instanceCost = (properties: Readonly<Record<string, unknown>>, template: ReadTemplate): number => {
  const templateId = /"LaunchTemplateId":\{"Ref":"(\w+)"\}/.exec(JSON.stringify(properties))?.[1] ?? '';
  const data = template.Resources[templateId]?.Properties?.['LaunchTemplateData'];
  if (typeof data !== 'object' || data === null) return 0;
  const type = textByDefault(Reflect.get(data, 'InstanceType'), template);
  const gibibytes = Number(/"VolumeSize":(\d+)/.exec(JSON.stringify(data))?.[1] ?? 0);
  return priceIn(prices.instanceHour, type) * hoursOfMonth + gibibytes * prices.volumeGibMonth;
};

const priceIn = (table: Readonly<Record<string, number>>, name: string): number => table[name] ?? 0;

const lengthOf = (value: unknown): number => (Array.isArray(value) ? value.length : 0);
