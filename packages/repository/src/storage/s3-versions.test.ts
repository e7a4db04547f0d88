import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { S3Connection } from './s3-connection.ts';
import { parseS3Location } from './s3-location.ts';
import { S3Versions } from './s3-versions.ts';

const second = (number: number): string => `2026-01-01T00:00:${String(number).padStart(2, '0')}.000Z`;
const version = (key: string, at: number, id: string, isLatest = false): string =>
  `<Version><Key>${key}</Key><VersionId>${id}</VersionId><IsLatest>${isLatest}</IsLatest>` +
  `<LastModified>${second(at)}</LastModified><Size>${at}</Size></Version>`;
const deletion = (key: string, at: number, isLatest = false): string =>
  `<DeleteMarker><Key>${key}</Key><VersionId>d${at}</VersionId><IsLatest>${isLatest}</IsLatest>` +
  `<LastModified>${second(at)}</LastModified></DeleteMarker>`;

/** Answers a listing of versions with these pages, the key and version of the marker being the number of the next. */
async function versionsAsOf(
  pages: readonly string[],
  at: number,
  status = 'Enabled',
): Promise<Record<string, string | null>> {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'testing');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'testing');
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  const server = createServer((request, response) => {
    const query = new URL(request.url ?? '', 'http://host').searchParams;
    response.writeHead(status === '403' ? 403 : 200, { 'content-type': 'application/xml' });
    if (query.has('versioning')) {
      response.end(
        `<VersioningConfiguration>${status === '' ? '' : `<Status>${status}</Status>`}</VersioningConfiguration>`,
      );
      return;
    }
    const page = Number(query.get('key-marker') ?? '0');
    expect(query.get('version-id-marker')).toBe(page === 0 ? null : String(page));
    const next = page + 1 < pages.length;
    const marker = `<NextKeyMarker>${page + 1}</NextKeyMarker><NextVersionIdMarker>${page + 1}</NextVersionIdMarker>`;
    response.end(
      `<ListVersionsResult><IsTruncated>${next}</IsTruncated>${next ? marker : ''}${pages[page] ?? ''}</ListVersionsResult>`,
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const connection = new S3Connection(parseS3Location(`s3:http://127.0.0.1:${port}/bucket`), { attempts: 2 }, null);
  const found: Record<string, string | null> = {};
  for await (const { key, version: chosen } of new S3Versions(connection, new Date(second(at))).below('')) {
    expect(found).not.toHaveProperty(key);
    found[key] = chosen?.id ?? null;
  }
  return found;
}

describe('the versions of a bucket at a time', () => {
  const history = [
    version('a', 30, 'a3', true) + version('a', 20, 'a2') + version('a', 10, 'a1') + version('b', 10, 'b1'),
    deletion('b', 20, true) + version('c', 40, 'c1', true) + version('d', 10, 'd1'),
    deletion('d', 20) + version('d', 30, 'd2', true),
  ];

  it.each([
    [5, { a: null, b: null, c: null, d: null }],
    [10, { a: 'a1', b: 'b1', c: null, d: 'd1' }],
    [25, { a: 'a2', b: null, c: null, d: null }],
    [30, { a: 'a3', b: null, c: null, d: 'd2' }],
    [59, { a: 'a3', b: null, c: 'c1', d: 'd2' }],
  ])('are those that were the latest at second %i, also where a key goes over two answers', async (at, expected) => {
    expect(await versionsAsOf(history, at)).toEqual(expected);
  });

  it('of one second are taken as the service orders them; a deletion counts when it is the latest', async () => {
    const page =
      version('a', 10, 'newer', true) + version('a', 10, 'older') + version('b', 10, 'b1') + deletion('b', 10, true);
    expect(await versionsAsOf([page], 30)).toEqual({ a: 'newer', b: null });
    const unknown = version('c', 20, 'latest', true) + version('c', 10, 'c1') + deletion('c', 10);
    expect(await versionsAsOf([unknown], 15)).toEqual({ c: 'c1' });
  });

  it('are not known of a bucket that has never kept any', async () => {
    await expect(versionsAsOf(history, 30, '')).rejects.toMatchObject({ code: 'STORAGE_NOT_VERSIONED' });
  });
});
