import { expect, it } from 'vitest';
import { templateTexts } from '../template-files.ts';
import { summaryText } from './summary-text.ts';

const main = templateTexts().get('main.yaml') ?? '';
const summary = (after: string | null, before: string | null = main): string =>
  summaryText([{ name: 'main.yaml', before, after }]);

it('says that nothing changed', () => {
  expect(summary(main)).toContain('No resource changes.');
});

it('tells what an update replaces, by the specification', () => {
  const renamed = main.replace('${AWS::StackName}-metadata-db', '${AWS::StackName}-catalog-db');
  expect(renamed).not.toBe(main);
  expect(summary(renamed)).toMatch(/Replaced by an update:\n- MetadataDatabase\n/);
  const longer = main.replace('MonitoringInterval: 60', 'MonitoringInterval: 30');
  expect(summary(longer)).toContain('- MetadataDatabase (AWS::RDS::DBInstance): MonitoringInterval');
  expect(summary(longer)).not.toContain('Replaced');
});

it('tells what is added and removed', () => {
  const renamed = main.replaceAll('FlowLogs', 'TrafficLogs');
  expect(summary(renamed)).toMatch(/Added:\n- TrafficLogs\nRemoved:\n- FlowLogs\n/);
});

it('names what a policy allows now, and a condition that is gone', () => {
  const wider = main.replace(
    'Action: lambda:InvokeFunction, Resource: !GetAtt Orch',
    "Action: 'lambda:*', Resource: !GetAtt Orch",
  );
  expect(wider).not.toBe(main);
  expect(summary(wider)).toMatch(/Allowed now and not before:\n- HostPolicy: "lambda:\*" on .*OrchestratorFunction/);
  expect(summary(main, wider)).toContain('- HostPolicy: "lambda:InvokeFunction" on');
});

it('shows the bytes that are left and the cost of both sides', () => {
  expect(summary(main)).toMatch(/- main\.yaml: \d+ of 51200 left/);
  const noStandby = main.replace("Default: 'true'", "Default: 'false'");
  const cost = /AWS::RDS::DBInstance: ([\d.]+) → ([\d.]+) USD/.exec(summary(noStandby));
  expect(Number(cost?.[1])).toBeCloseTo(2 * Number(cost?.[2]), 1);
  expect(summary(main)).toMatch(/AWS::EC2::NatGateway: 32\.85 → 32\.85 USD/);
  expect(summary(main, null)).toMatch(/AWS::AutoScaling::AutoScalingGroup: 0\.00 → \d{3}\.\d\d USD/);
});
