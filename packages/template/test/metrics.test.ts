import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { plainTemplate, plainTemplates, toList } from './plain-template.ts';

const packages = resolve(import.meta.dirname, '../..');
const sources = ['agent', 'orchestrator', 'recovery']
  .flatMap((name) => globSync(`${name}/src/**/*.ts`, { cwd: packages }))
  .filter((path) => !path.endsWith('.test.ts'))
  .map((path) => readFileSync(resolve(packages, path), 'utf8'))
  .join('\n');

/** Metrics of the platform's own that templates use. */
const used = [
  ...new Set(
    [
      ...JSON.stringify(plainTemplates).matchAll(
        /EnterpriseBackup\\*"[^{}]*?(?:MetricName":")?\\*"?([A-Z][A-Za-z]+)\\*"/g,
      ),
    ]
      .map(([, metric]) => metric)
      .filter((metric) => metric !== undefined && metric !== 'MetricName'),
  ),
];

it('watches and draws only what the functions and agents emit', () => {
  expect(used).toContain('SourcesOverdue');
  expect(used).toContain('TasksWaiting');
  expect(used).toContain('BytesStored');
  expect(used).toContain('AgentAlive');
  expect(used.filter((metric) => metric === undefined || !sources.includes(`'${metric}'`))).toEqual([]);
});

it('says of every alarm what to do, and tells the topic', () => {
  const alarms = Object.entries(plainTemplate('monitoring.yaml').Resources).filter(
    ([, { Type }]) => Type === 'AWS::CloudWatch::Alarm',
  );
  expect(alarms.length).toBeGreaterThan(10);
  for (const [id, { Properties }] of alarms) {
    expect(Properties?.['AlarmDescription'], id).toMatch(/[a-z].*[.:;] ?.*[A-Za-z].*\.$/);
    expect(toList(Properties?.['AlarmActions']), id).toEqual([{ Ref: 'AlertsTopicArn' }]);
  }
});

it('counts silence of the scheduler as failure', () => {
  const alarm = plainTemplate('monitoring.yaml').Resources['SourceOverdue'];
  expect(alarm?.Properties).toMatchObject({ TreatMissingData: 'breaching', MetricName: 'SourcesOverdue' });
});
