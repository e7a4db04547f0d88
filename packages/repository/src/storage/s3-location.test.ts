import { describe, expect, it } from 'vitest';
import { parseS3Location } from './s3-location.ts';

const aws = { endpoint: null, bucket: 'bucket', prefix: 'prefix' };

describe('reads what restic reads', () => {
  it.each([
    ['s3:s3.amazonaws.com/bucket/prefix', { ...aws, region: null }],
    ['s3:https://s3.amazonaws.com/bucket/prefix', { ...aws, region: null }],
    ['s3://s3.amazonaws.com/bucket/prefix', { ...aws, region: null }],
    ['s3:s3.eu-central-1.amazonaws.com/bucket/prefix', { ...aws, region: 'eu-central-1' }],
    ['s3:s3-us-west-2.amazonaws.com/bucket/prefix/', { ...aws, region: 'us-west-2' }],
    ['s3:s3.us-gov-west-1.amazonaws.com/bucket/prefix', { ...aws, region: 'us-gov-west-1' }],
    ['s3:https://s3.cn-north-1.amazonaws.com.cn/bucket/prefix', { ...aws, region: 'cn-north-1' }],
    ['s3:s3.amazonaws.com//bucket//a//b/', { ...aws, prefix: 'a/b', region: null }],
    ['s3:s3.amazonaws.com/bucket', { ...aws, prefix: '', region: null }],
    ['s3:s3.amazonaws.com/bucket/a%20b', { ...aws, prefix: 'a%20b', region: null }],
    ['s3:https://s3.amazonaws.com/bucket/a%20b', { ...aws, prefix: 'a b', region: null }],
  ])('%s', (location, wanted) => {
    expect(parseS3Location(location)).toMatchObject(wanted);
  });

  it.each([
    ['s3:http://127.0.0.1:5000/bucket/prefix', 'http://127.0.0.1:5000'],
    ['s3:https://minio.example:9000/bucket/prefix', 'https://minio.example:9000'],
    ['s3:minio.example:9000/bucket/prefix', 'https://minio.example:9000'],
    ['s3:http://[::1]:5000/bucket/prefix', 'http://[::1]:5000'],
    ['s3:https://MinIO.Example/bucket/prefix', 'https://minio.example'],
    ['s3:http://s3.amazonaws.com/bucket/prefix', 'http://s3.amazonaws.com'],
    ['s3:https://s3.dualstack.eu-west-1.amazonaws.com/bucket/prefix', 'https://s3.dualstack.eu-west-1.amazonaws.com'],
  ])('addresses the service itself: %s', (location, endpoint) => {
    expect(parseS3Location(location)).toMatchObject({ endpoint, bucket: 'bucket', prefix: 'prefix' });
  });

  it('takes the region from the host of an endpoint inside a network', () => {
    const location = 's3:https://bucket.vpce-1a2b3c4d.s3.us-east-1.vpce.amazonaws.com/bucket/prefix';
    expect(parseS3Location(location).region).toBe('us-east-1');
  });

  it('writes a location in one way', () => {
    for (const location of ['s3:host/bucket//a/', 's3://host/bucket/a', 's3:https://HOST/bucket/a/']) {
      expect(parseS3Location(location).text).toBe('s3:https://host/bucket/a');
    }
    expect(parseS3Location('s3:http://host/bucket/').text).toBe('s3:http://host/bucket');
  });
});

describe('refuses', () => {
  it.each([
    's3:',
    's3:https://',
    's3:bucket',
    's3:https://host',
    's3:https://host/',
    's3:https:///bucket/prefix',
    's3:/bucket/prefix',
    's3:ho st/bucket',
    's3:host/b',
    's3:host/bucket/../other',
    's3:https://host/bucket/%2e%2e/other',
    's3:https://host/bucket/%zz',
    's3:https://host/bucket/a%00b',
  ])('%s', (location) => {
    expect(() => parseS3Location(location)).toThrow(expect.objectContaining({ code: 'STORAGE_LOCATION_INVALID' }));
  });

  it('a password in the location, without repeating it', () => {
    for (const location of ['s3:https://AKIA123:hunter2@host/bucket', 's3:AKIA123:hunter2@host/bucket/prefix']) {
      expect(() => parseS3Location(location)).toThrow(/^(?!.*(?:hunter2|AKIA123)).*no user and no password/);
    }
  });
});
