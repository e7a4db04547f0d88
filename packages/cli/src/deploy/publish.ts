import type { CommandContext } from '../command-context.ts';
import { formatCount, formatCounted } from '../format/count.ts';
import { openAwsPlace, type AwsPlace } from './aws-clients.ts';
import { ensureArtifactsBucket, type ArtifactsBucket } from './artifacts-bucket.ts';
import { readArtifacts, type Artifact } from './artifacts.ts';
import { buildArtifacts } from './build-artifacts.ts';
import { putArtifacts, type PutFile } from './put-artifacts.ts';

/** What a person may say about publishing. */
export interface PublishOptions {
  readonly region?: string;
  readonly drRegion?: string;
  readonly bucket?: string;
  /** Folder of what was built before; left out, it is built. */
  readonly built?: string;
}

/** Builds, and puts what main.yaml takes from the bucket of the artifacts there. Throws what its steps throw. */
export async function publish(context: CommandContext, options: PublishOptions): Promise<void> {
  const artifacts = await buildAndRead(context, options.built);
  const place = await openAwsPlace(options.region, context.signal);
  try {
    await publishTo(context, place, artifacts, place.region, { bucket: options.bucket, makeCurrent: true });
    if (options.drRegion !== undefined) {
      await publishTo(context, place, artifacts, options.drRegion, { bucket: undefined, makeCurrent: true });
    }
  } finally {
    place.close();
  }
}

/** Reads what was built into the folder `built`, or builds when it is not given. */
export async function buildAndRead(
  { output, signal }: CommandContext,
  built: string | undefined,
): Promise<readonly Artifact[]> {
  if (built !== undefined) return readArtifacts(built);
  output.line('Building.');
  return readArtifacts(await buildArtifacts(signal));
}

/** Puts the artifacts into the bucket of a Region and says what was done. */
export async function publishTo(
  { output, signal }: CommandContext,
  place: AwsPlace,
  artifacts: readonly Artifact[],
  region: string,
  options: { readonly bucket: string | undefined; readonly makeCurrent: boolean },
): Promise<ArtifactsBucket> {
  const bucket = await ensureArtifactsBucket(place, region, options.bucket);
  const files = await putArtifacts(place, bucket, artifacts, { makeCurrent: options.makeCurrent, signal });
  output.object({ publish: { ...bucket, files } });
  if (bucket.created) output.line(`Made the bucket ${bucket.name} in ${region}.`);
  if (options.makeCurrent) {
    output.table({
      columns: [{ title: 'artifact' }, { title: 'key' }, { title: 'what was done' }],
      rows: files.map((file) => [file.artifact, file.key, whatWasDone(file)]),
    });
  }
  const sent = files.filter(({ uploaded }) => uploaded).length;
  output.line(`Uploaded ${formatCount(sent)} of ${formatCounted(files.length, 'file')} to ${bucket.name}.`);
  return bucket;
}

function whatWasDone({ uploaded, made_current }: PutFile): string {
  const current = made_current ? ', is current now' : '';
  return uploaded ? `uploaded${current}` : `unchanged${current}`;
}
