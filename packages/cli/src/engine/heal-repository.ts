import { PlatformError } from '@enterprise-backup/contracts/errors';
import { applyHeal } from '@enterprise-backup/repository/apply-heal';
import { healPlan } from '@enterprise-backup/repository/heal-plan';
import { openDamaged } from '@enterprise-backup/repository/open-damaged';
import { openStorageLazily } from '@enterprise-backup/repository/open-storage-lazily';
import { planHeal } from '@enterprise-backup/repository/plan-heal';
import type { CommandContext } from '../command-context.ts';
import { readPasswordFile } from '../files/read-password-file.ts';
import { formatCounted } from '../format/count.ts';
import { withEngineProgress } from '../progress/engine-progress.ts';
import { writeHealPlan } from '../views/repair-view.ts';
import { describeStorage, limitsOf } from './describe-storage.ts';
import { openNamedRepository, type RepositoryOptions } from './open-named-repository.ts';
import { assertNothingElse, isPlanFromFile, keepPlan, readPlanFile, type PlanOptions } from './plan-file.ts';
import { writePutOff } from './repair-repository.ts';

export interface HealCommandOptions extends RepositoryOptions, PlanOptions {
  readonly copy: string;
  readonly copyPasswordFile: string;
  /** RFC 3339. */
  readonly copyAsOf?: string;
  readonly readData?: boolean;
  readonly missingSnapshots?: boolean;
}

/**
 * Plans a heal and shows the plan, or takes one from a file; applies it with `apply`. Throws what these throw, and FINDINGS
 * when something is lost in both places.
 */
export async function healRepository(context: CommandContext, options: HealCommandOptions): Promise<void> {
  const { output, signal, clock } = context;
  if (isPlanFromFile(options)) assertNothingElse([options.readData, options.missingSnapshots]);
  const copy = await openNamedRepository(
    {
      ...limitsOf(options),
      repository: options.copy,
      passwordFile: options.copyPasswordFile,
      ...(options.copyAsOf === undefined ? {} : { asOf: options.copyAsOf }),
    },
    clock,
  );
  const password = await readPasswordFile(options.passwordFile);
  const repository = await openDamaged(await openStorageLazily(describeStorage(options)), password, copy, clock, {
    lockWaitSeconds: options.wait ?? 0,
  });
  const plan = isPlanFromFile(options)
    ? await readPlanFile(healPlan, options.plan)
    : await withEngineProgress(context, 'plan', (onProgress) =>
        planHeal(repository, copy, {
          readData: options.readData ?? false,
          missingSnapshots: options.missingSnapshots ?? false,
          onProgress,
          signal,
        }),
      );
  output.object({ heal_plan: plan });
  writeHealPlan(output, plan);
  if (options.apply !== true) return keepPlan(output, plan, options);
  const result = await withEngineProgress(context, 'heal', (onProgress) =>
    applyHeal(repository, copy, plan, { onProgress, signal }),
  );
  output.object({ heal: result });
  const parts = [
    `${formatCounted(result.files_put_back.length, 'file')} put back`,
    `${formatCounted(result.blobs_fetched, 'blob')} fetched`,
    `${formatCounted(result.packs_removed.length, 'damaged pack')} removed`,
  ];
  output.line(`${output.paint('good', 'Healed')}: ${parts.join(', ')}.`);
  for (const file of result.files_not_whole) output.line(`Not whole in the copy: ${file}`);
  writePutOff(output, result.put_off);
  const lost = result.blobs_lost + plan.lost.files.length + result.files_not_whole.length;
  if (lost > 0) throw new PlatformError('FINDINGS', 'something is lost in both places: see the plan');
}
