import type { BlobIndex } from '../index/blob-index.ts';
import type { Pauses } from '../pauses.ts';
import { expectedContent, runInBatches, type RestorePool } from './compare-files.ts';
import type { Survey } from './restore-messages.ts';
import type { PlannedFile } from './restore-plan.ts';
import type { SharedTargetFileStates } from './target-file-states.ts';

/** Where parts of files may be found in the target, and what is done with them. */
export interface SurveyRequest {
  readonly states: SharedTargetFileStates;
  readonly standing: ReadonlySet<PlannedFile>;
  readonly resumable: ReadonlySet<PlannedFile>;
  readonly inPlace: boolean;
  /** Whether right parts are brought into temporary files; otherwise nothing is written. */
  readonly collect: boolean;
}

/** Looks at files in the target, in the threads of a pool. Returns what was found of each file that is not new. */
export async function surveyFiles(
  pool: RestorePool,
  index: BlobIndex,
  files: readonly PlannedFile[],
  { states, standing, resumable, inPlace, collect }: SurveyRequest,
  pauses: Pauses,
): Promise<ReadonlyMap<number, Survey>> {
  const surveys = new Map<number, Survey>();
  await runInBatches(pool, files, pauses, (batch) => ({
    request: {
      kind: 'survey',
      states,
      inPlace,
      collect,
      files: batch.map((file) => ({
        ...expectedContent(file, index),
        standing: standing.has(file),
        temporary: resumable.has(file),
      })),
    },
    take: (response) => {
      for (const survey of response.surveys) surveys.set(survey.file, survey);
    },
  }));
  return surveys;
}
