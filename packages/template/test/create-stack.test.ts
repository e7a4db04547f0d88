import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { functionNames } from '@enterprise-backup/contracts/names';
import { hasTool } from '@enterprise-backup/test-support/system-tool';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations, root, stackName, startAwsAccount, type AwsAccount, type Ran } from './aws-account.ts';
import { guardAbsence, guardReport } from './guard-rules.ts';
import { testLeastPrivilege } from './least-privilege.ts';
import { motoEnvironment } from './moto-platform.ts';

const waitLimit = { timeout: 100_000, interval: 500 };
const canRun = motoEnvironment.absence === null && hasTool('aws') && hasTool('mariadbd');
const { orchestrator } = functionNames(stackName);

let account: AwsAccount;
let agent: ReturnType<AwsAccount['startAgent']>;
let receiver: Server;
/** What the endpoint that is subscribed to the topic got. */
const alerts: string[] = [];

const stackStatus = (): string => {
  const { Stacks } = account.aws('cloudformation', 'describe-stacks', '--stack-name', stackName) as {
    readonly Stacks: readonly [{ readonly StackStatus: string }];
  };
  return Stacks[0].StackStatus;
};

const invoke = (payload: object): unknown => {
  const file = join(account.folder, 'invoked.json');
  writeFileSync(join(account.folder, 'payload.json'), JSON.stringify(payload));
  account.aws('lambda', 'invoke', '--function-name', orchestrator, '--payload', 'fileb://payload.json', file);
  return JSON.parse(readFileSync(file, 'utf8'));
};

const jobStatuses = (): Promise<unknown> => account.sql('select status from backup_jobs order by id');

/** What is to be seen after a block that has this in it. */
const outcomes: readonly (readonly [RegExp, (ran: Ran) => unknown])[] = [
  [/^npm run publish/, ({ stdout }) => expect(stdout).toMatch(/current\b[\s\S]+Uploaded 9 of 9 files/)],
  [/create-stack --stack-name/, () => expect.poll(stackStatus, waitLimit).toBe('CREATE_COMPLETE')],
  [/create-stack .*--plan/, ({ stdout }) => expect(stdout).toMatch(/Plan: update [\s\S]+Nothing was changed/)],
  [/create-stack --parameters \S+ --region us-east-1$/m, ({ stdout }) => expect(stdout).toContain('UPDATE_COMPLETE: ')],
  [/"action": "status"/, ({ stdout }) => expect(stdout).toMatch(/"sources":\[\]/)],
  [/backupctl run/, ({ stdout }) => expect(stdout).toMatch(/backup-1 [\s\S]*web-01/)],
  [/put-parameter/, ({ stdout }) => expect(stdout).toContain('{"workers": 4}')],
  [/"backup_id"/, ({ stdout }) => expect(stdout).toMatch(/"recovery_id":"recovery-1"/)],
  [
    /backupctl verify/,
    () =>
      expect(readFileSync(join(account.folder, 'restored/report.txt'), 'utf8')).toBe(
        readFileSync(join(account.folder, 'documents/report.txt'), 'utf8'),
      ),
  ],
  [/repository snapshots/, ({ stdout }) => expect(stdout).toMatch(/documents/)],
  [/launch-template/, ({ stdout }) => expect(stdout).toContain(`${stackName}-dr-recovery`)],
  [/set-alarm-state/, () => expect.poll(() => alerts.join('\n'), waitLimit).toMatch(/JobFailed[\s\S]*Test of alerts/)],
  [/filter-log-events/, ({ stdout }) => expect(stdout).toMatch(/catalog migrated/)],
  [
    /update-stack/,
    async () => {
      await expect.poll(stackStatus, waitLimit).toBe('UPDATE_COMPLETE');
      const added = (): Promise<unknown> => account.sql("show columns from agents like 'rack'");
      await expect.poll(added, waitLimit).toHaveLength(1);
    },
  ],
  [/update-auto-scaling-group/, ({ stdout }) => expect(stdout).toMatch(/4,\s+4,\s+20/)],
  [/--summary/, ({ stdout }) => expect(stdout).toContain('Cost a month')],
  [/--delete --plan/, ({ stdout }) => expect(stdout).toMatch(/BackupBucket .+ is kept[\s\S]+last snapshot/)],
];

/** What a person would have waited for, or changed, before a block. */
const preparations: readonly (readonly [RegExp, () => unknown])[] = [
  [/wait stack-create-complete/, () => expect.poll(stackStatus, waitLimit).toBe('CREATE_COMPLETE')],
  [
    /backupctl sources add/,
    () => {
      agent = account.startAgent('agent', 'backup,recovery,verify');
    },
  ],
  [/UsePreviousValue/, () => account.useNewerSchema()],
];

const inSection = (wanted: string): readonly string[] =>
  operations.filter(({ section }) => section === wanted).map(({ text }) => text.trim());

const runBlocks = (section: string): void => {
  it.each(inSection(section))(`${section}: %s`, async (block) => {
    // The history of the checkout, which a copy of it does not have.
    if (block.includes('--summary HEAD') && !existsSync(join(root, '.git'))) return;
    for (const [pattern, prepare] of preparations) if (pattern.test(block)) await prepare();
    const { port } = receiver.address() as AddressInfo;
    const ran = await account.run(
      block
        .replace('--protocol https', '--protocol http')
        .replace('https://alerts.example.com', `http://127.0.0.1:${port}`),
    );
    expect(ran.status, `${ran.stdout}\n${ran.stderr}\n${account.platform.output().slice(-3000)}`).toBe(0);
    for (const [pattern, look] of outcomes) if (pattern.test(block)) await look(ran);
  });
};

describe.skipIf(!canRun)('an account of AWS, by the commands of docs/operations.md', () => {
  beforeAll(async () => {
    account = await startAwsAccount();
    receiver = createServer((request, response) => {
      let text = '';
      request.setEncoding('utf8').on('data', (part: string) => (text += part));
      request.once('end', () => {
        alerts.push(text);
        response.end();
      });
    }).listen(0, '127.0.0.1');
    await once(receiver, 'listening');
  });
  afterAll(async () => {
    await account.stop();
    receiver.close();
  });

  runBlocks('Deployment');
  runBlocks('Verification');
  runBlocks('Configuration');

  it('backs up what a schedule says, when the rule calls the orchestrator', async () => {
    // As if the schedule had stood there since a while, and the rule had last called a minute and a half ago.
    const earlier = 'utc_timestamp() - interval 90 second';
    await account.sql(
      `update backup_schedules set cron_expression = '* * * * *',
        created_at = ${earlier}, updated_at = ${earlier}, last_due_at = ${earlier}`,
    );
    expect(invoke({ source: 'aws.events', 'detail-type': 'Scheduled Event' })).toMatchObject({
      jobs_created: ['backup-2'],
    });
    await expect.poll(jobStatuses, waitLimit).toEqual([{ status: 'completed' }, { status: 'completed' }]);
  });

  for (const section of ['Recovery', 'Alerts (SNS)', 'Troubleshooting', 'Logs', 'Maintenance', 'Scaling', 'Cost']) {
    runBlocks(section);
  }

  it('has the changed settings in force in the agent', async () => {
    await expect.poll(() => agent.log(), waitLimit).toMatch(/"workers":4/);
  });

  testLeastPrivilege(() => account);

  it.skipIf(guardAbsence !== null)('follows the Guard rules for NIST 800-53 and PCI, or says why not', () => {
    const { followed, findings, idleExceptions } = guardReport(account.platform.resources(), account.folder);
    expect(followed).toBeGreaterThan(30);
    expect(findings).toEqual([]);
    expect(idleExceptions).toEqual([]);
  });

  it('refuses wrong parameters before any call, and rolls a failed creation back and says why', async () => {
    const file = join(account.folder, 'deployment/parameters.json');
    const right = JSON.parse(readFileSync(file, 'utf8')) as readonly { readonly ParameterValue: string }[];
    const secret = right[1]?.ParameterValue ?? '';
    const deploy = (ParameterKey: string, ParameterValue: string): Promise<Ran> => {
      const region = { ParameterKey: 'DRRegion', ParameterValue: ParameterKey === 'DRRegion' ? ParameterValue : '' };
      const others = ParameterKey === 'DRRegion' ? [] : [{ ParameterKey, ParameterValue }];
      writeFileSync(join(account.folder, 'other.json'), JSON.stringify([...right, region, ...others]));
      return account.run('scripts/create-stack --parameters other.json --region us-east-1 --stack-name broken');
    };
    const calls = account.platform.calls().length;
    const refused = await deploy('DRRegion', 'us-east-1');
    expect(refused.status).toBe(2);
    expect(refused.stderr).toMatch(/error PARAMETERS_INVALID: DRRegion .+ is refused: it is the Region of the stack/);
    expect(
      account.platform
        .calls()
        .slice(calls)
        .filter(({ caller }) => caller === 'operator'),
    ).toEqual([]);

    const failed = await deploy('OrchestratorCode', 'current/none.zip');
    expect(failed.status).toBe(5);
    expect(failed.stdout).toMatch(/First failure: OrchestratorFunction[\s\S]+NoSuchKey[\s\S]+run npm run publish/);
    expect(failed.stderr).toMatch(/error DEPLOYMENT_FAILED: OrchestratorFunction .+ state ROLLBACK_COMPLETE/);
    expect(`${failed.stdout}${failed.stderr}`).not.toContain(secret);
  });

  runBlocks('Deletion');

  it('keeps what holds data when the stack is gone', () => {
    const { Buckets } = account.aws('s3api', 'list-buckets') as {
      readonly Buckets: readonly { readonly Name: string }[];
    };
    const kept = Buckets.map(({ Name }) => Name);
    for (const region of ['us-east-1', 'us-west-2']) expect(kept).toContain(`${stackName}-123456789012-${region}`);
    const secret = ['--secret-id', `${stackName}/repository`];
    expect(account.aws('secretsmanager', 'describe-secret', ...secret)).toMatchObject({
      Name: `${stackName}/repository`,
    });
    expect(account.aws('cloudformation', 'list-stacks')).toMatchObject({
      StackSummaries: expect.arrayContaining([
        expect.objectContaining({ StackName: stackName, StackStatus: 'DELETE_COMPLETE' }),
      ]) as unknown,
    });
  });

  it('knows every section of the document', () => {
    expect(new Set(operations.map(({ section }) => section)).size).toBe(11);
  });
});
