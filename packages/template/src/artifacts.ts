import { Fn } from 'cloudform';
import { ref, sub, when } from './intrinsics.ts';

/** The bucket of the artifacts: the one that is named, or the one of the convention. */
export const artifactsBucket = when(
  'HasArtifactsBucket',
  ref('ArtifactsBucket'),
  sub('enterprise-backup-artifacts-${AWS::AccountId}-${AWS::Region}'),
);

/** Condition that the convention is not followed. */
export const artifactsCondition = { HasArtifactsBucket: Fn.Not(Fn.Equals(ref('ArtifactsBucket'), '')) };

/** Address of another template in the bucket of the artifacts. */
export const templateUrl = (file: string): ReturnType<typeof Fn.Sub> =>
  Fn.Sub(`https://\${Bucket}.s3.\${AWS::Region}.\${AWS::URLSuffix}/\${TemplatePrefix}/${file}`, {
    Bucket: artifactsBucket,
  });
