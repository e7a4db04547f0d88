import { spawnSync } from 'node:child_process';
import { chmodSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { npmArchive } from '@enterprise-backup/test-support/npm-archive';
import type { MadeResource } from './moto-platform.ts';

/**
 * AWS Control Tower's proactive controls as Guard rules, with cfn-guard itself. Only its files are used: as a dependency
 * it would bring all of aws-cdk-lib along.
 */
const archive = await npmArchive(
  '@cdklabs/cdk-validator-cfnguard',
  '0.0.62',
  'sha512-Sg2k8067B0AIJ82QFSLhHTUIqxOYTKABvVrTHiyc6j0rE2NHli2diIYqf+w+DkuDKCYYgMIOga3OrYMOHUw0mQ==',
);
const architecture = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
export const guardAbsence =
  archive.absence ?? (process.platform === 'linux' ? null : 'cfn-guard comes along for Linux only');

const frameworks = ['NIST 800-53 Rev 5', 'PCI DSS version 3.2.1'];

interface Control {
  readonly Id: string;
  readonly ComplianceFrameworkMappings?: readonly { readonly ComplianceFramework: string }[];
}

/** The control of each rule that one of the frameworks asks for, with the file that holds the rule. */
const controls = (folder: string): ReadonlyMap<string, { readonly id: string; readonly file: string }> => {
  const metadata = new Map(
    globSync(join(folder, 'rules/control-tower/metadata/*/*.json')).map((file) => [
      basename(file, '.metadata.json'),
      JSON.parse(readFileSync(file, 'utf8')) as Control,
    ]),
  );
  const found = new Map<string, { readonly id: string; readonly file: string }>();
  for (const file of globSync(join(folder, 'rules/control-tower/cfn-guard/*/*.guard'))) {
    const control = metadata.get(basename(file, '.guard'));
    const asked = control?.ComplianceFrameworkMappings?.some((each) => frameworks.includes(each.ComplianceFramework));
    if (control === undefined || asked !== true) continue;
    for (const [, rule = ''] of readFileSync(file, 'utf8').matchAll(/^rule (\w+)/gm)) {
      found.set(rule, { id: control.Id, file });
    }
  }
  return found;
};

/** What the rules say of the resources of a run. */
export interface GuardReport {
  /** How many rules held of something. */
  readonly followed: number;
  /** `CONTROL RESOURCE` for each that is not followed and has no exception beside the resource. */
  readonly findings: readonly string[];
  /** Exceptions that no rule needs any more. */
  readonly idleExceptions: readonly string[];
}

/** Properties that take their value from a parameter, which is text, and whose type the rules look at. */
const ofParameters = ['MultiAZ', 'RetentionInDays', 'BackupRetentionPeriod'];

/** Properties with the types that CloudFormation would give them. */
const typed = (properties: MadeResource['properties']): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(properties).map(([name, value]) =>
      ofParameters.includes(name) && typeof value === 'string' ? [name, JSON.parse(value) as unknown] : [name, value],
    ),
  );

interface Verdict {
  readonly compliant: readonly string[];
  readonly not_compliant: readonly { readonly Rule: { readonly name: string } }[];
}

/** Holds resources, every reference in them resolved, against the rules. `work` is a folder for the template of them. */
export const guardReport = (made: readonly MadeResource[], work: string): GuardReport => {
  const folder = archive.folder ?? '';
  const guard = join(folder, 'bin/ubuntu', architecture, 'cfn-guard');
  chmodSync(guard, 0o755);
  // The newest of a name that has several: an update gave it other properties.
  const resources = new Map(made.map((each) => [each.logical_id, each]));
  const template = Object.fromEntries(
    [...resources].map(([name, { type, properties }]) => [name, { Type: type, Properties: typed(properties) }]),
  );
  const data = join(work, 'resolved.json');
  writeFileSync(data, JSON.stringify({ Resources: template }));
  const rules = controls(folder);
  const files = [...new Set([...rules.values()].map(({ file }) => file))];
  const args = ['validate', '--data', data, ...files.flatMap((file) => ['--rules', file])];
  const ran = spawnSync(guard, [...args, '--structured', '--output-format', 'json', '--show-summary', 'none'], {
    encoding: 'utf8',
    maxBuffer: 256 * 1024 ** 2,
  });
  const [verdict] = JSON.parse(ran.stdout) as readonly [Verdict];
  const broken = verdict.not_compliant.flatMap((entry) => {
    const names = JSON.stringify(entry).matchAll(/\/Resources\/(\w+)/g);
    return [
      ...new Set([...names].map(([, name = '']) => `${rules.get(entry.Rule.name)?.id ?? entry.Rule.name} ${name}`)),
    ];
  });
  const exceptions = [...resources].flatMap(([name, { metadata }]) => {
    const { SuppressedRules = [] } = (metadata['guard'] ?? {}) as { readonly SuppressedRules?: readonly string[] };
    return SuppressedRules.map((id) => `${id} ${name}`);
  });
  return {
    followed: verdict.compliant.length,
    findings: broken.filter((finding) => !exceptions.includes(finding)),
    idleExceptions: exceptions.filter((exception) => !broken.includes(exception)),
  };
};
