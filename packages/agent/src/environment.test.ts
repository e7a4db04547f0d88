import { describe, expect, it } from 'vitest';
import { readAgentEnvironment } from './environment.ts';

const enough = {
  AWS_REGION: 'eu-central-1',
  BACKUP_AGENT_ID: 'agent-1',
  BACKUP_SECRETS_FOLDER: '/etc/backup/secrets',
  BACKUP_STACK_NAME: 'my-stack',
};

describe('the environment of an agent', () => {
  it('derives the function from the stack and leaves out what is not set', () => {
    expect(readAgentEnvironment({ ...enough, BACKUP_ENDPOINT_URL: '' })).toEqual({
      orchestratorFunction: 'my-stack-backup-jobs',
      endpointUrl: null,
      region: 'eu-central-1',
      agentId: 'agent-1',
      serviceName: 'my-stack-backup-agent',
      secretsFolder: '/etc/backup/secrets',
      settingsFile: null,
      settingsParameter: null,
      autoScalingGroup: null,
      metadataEndpoint: 'http://169.254.169.254',
      readyFile: null,
      kinds: ['backup', 'recovery', 'verify', 'forget'],
    });
  });

  it('takes an endpoint, a function by its own name, settings and kinds', () => {
    const values = {
      ...enough,
      BACKUP_STACK_NAME: undefined,
      BACKUP_ORCHESTRATOR_FUNCTION: 'arn:aws:lambda:eu-central-1:123456789012:function:jobs',
      BACKUP_ENDPOINT_URL: 'http://127.0.0.1:9401',
      BACKUP_SETTINGS_FILE: '/etc/backup/settings.json',
      BACKUP_WORK_KINDS: 'recovery, verify',
    };
    expect(readAgentEnvironment(values)).toMatchObject({
      orchestratorFunction: 'arn:aws:lambda:eu-central-1:123456789012:function:jobs',
      endpointUrl: 'http://127.0.0.1:9401',
      settingsFile: '/etc/backup/settings.json',
      kinds: ['recovery', 'verify'],
    });
  });

  it('takes what an instance in AWS is given', () => {
    const values = {
      ...enough,
      BACKUP_SECRETS_FOLDER: undefined,
      BACKUP_SETTINGS_PARAMETER: '/my-stack/agent-settings',
      BACKUP_AUTO_SCALING_GROUP: 'my-stack-backup-agents-asg',
      BACKUP_READY_FILE: '/run/backup-agent/ready',
    };
    expect(readAgentEnvironment(values)).toMatchObject({
      secretsFolder: null,
      settingsParameter: '/my-stack/agent-settings',
      autoScalingGroup: 'my-stack-backup-agents-asg',
      readyFile: '/run/backup-agent/ready',
    });
    expect(() => readAgentEnvironment({ ...values, BACKUP_SETTINGS_FILE: '/etc/settings.json' })).toThrow(
      'at most one of',
    );
  });

  it('names every variable that is missing', () => {
    const read = () => readAgentEnvironment({});
    expect(read).toThrow(expect.objectContaining({ code: 'ENVIRONMENT_INVALID' }));
    for (const name of ['AWS_REGION', 'BACKUP_AGENT_ID']) expect(read).toThrow(name);
    expect(() => readAgentEnvironment({ ...enough, BACKUP_STACK_NAME: '' })).toThrow('BACKUP_ORCHESTRATOR_FUNCTION');
    expect(() => readAgentEnvironment({ ...enough, BACKUP_ORCHESTRATOR_FUNCTION: 'f' })).toThrow('exactly one of');
  });

  it.each([
    ['BACKUP_ENDPOINT_URL', 'file:///etc'],
    ['BACKUP_ENDPOINT_URL', 'localhost'],
    ['AWS_EC2_METADATA_SERVICE_ENDPOINT', '169.254.169.254'],
    ['BACKUP_READY_FILE', 'ready'],
    ['BACKUP_SECRETS_FOLDER', 'secrets'],
    ['BACKUP_SETTINGS_FILE', './settings.json'],
    ['BACKUP_WORK_KINDS', 'backup,restore'],
    ['BACKUP_WORK_KINDS', ','],
  ])('refuses %s=%s', (name, value) => {
    expect(() => readAgentEnvironment({ ...enough, [name]: value })).toThrow(name);
  });
});
