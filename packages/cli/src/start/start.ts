import { PlatformError } from '@enterprise-backup/contracts/errors';
import { startPlatform, type Platform } from '@enterprise-backup/local/platform';
import { connectPlatform } from '@enterprise-backup/local/platform-client';
import { once } from 'node:events';
import { join } from 'node:path';
import type { CommandContext } from '../command-context.ts';
import { safeText } from '../format/safe-text.ts';
import { writeFields } from '../views/fields.ts';
import { checkRepository } from './check-repository.ts';
import { demonstrate, type Demonstration } from './demonstrate.ts';
import { findTools, type InstalledTools } from './installed-tools.ts';
import { commandsWhileUp, commandsWithoutPlatform, type NextCommand, type NextFacts } from './next-commands.ts';
import { prepareSource } from './prepare-source.ts';
import { registerSystems, type RegisteredSystems } from './register-systems.ts';
import { writeReport } from './report.ts';
import type { StartOptions } from './start-options.ts';
import { findPlaces, type StartPlaces } from './start-places.ts';
import { Story } from './story.ts';
import { documentedTarget, freshTarget } from './system-names.ts';

/**
 * Brings the platform up on this machine and shows on a real folder what it does: backups, a recovery and the proof of it.
 * Without `once` the platform then stays up until Ctrl-C. In every case the agents are drained at the end and nothing but
 * data is left. Throws what `findPlaces`, the platform and the steps throw, PROOF_FAILED and FINDINGS among them.
 */
export async function start(context: CommandContext, options: StartOptions): Promise<void> {
  const { output, clock, signal } = context;
  const places = await findPlaces(options);
  const platform = await startPlatform({
    dataFolder: places.data,
    clock,
    ...(options.port === undefined ? {} : { port: options.port }),
  });
  try {
    await show(new Story(context), platform, places, options);
    if (options.once !== true) await stayUp(context, platform);
  } catch (error) {
    if (!signal.aborted || !(error instanceof PlatformError) || error.code !== 'CANCELLED') throw error;
    const sentence = 'the start was broken off; the next one goes on with the same data';
    throw new PlatformError('CANCELLED', sentence, { cause: error });
  } finally {
    await platform.stop();
    output.object({ stopped: { data: places.data } });
    output.line(`The platform has stopped. Its data stays in ${safeText(places.data)}.`);
  }
}

async function show(story: Story, platform: Platform, places: StartPlaces, options: StartOptions): Promise<void> {
  const { signal } = story.context;
  const connection = connectPlatform(platform);
  try {
    const tools = findTools();
    const systems = await registerSystems(connection, places, platform.repository);
    introduce(story, platform, places, systems);
    await prepareSource(story, places);
    const shown = await demonstrate(
      story,
      {
        orchestrator: (action, request) => connection.orchestrator(action, request, { signal }),
        recovery: (action, request) => connection.recovery(action, request, { signal }),
      },
      places,
      systems.sourceSystem,
    );
    await checkRepository(story, platform.repository.location, passwordFileOf(platform));
    const facts = factsForNext(platform, places, shown, await tools);
    const next = options.once === true ? commandsWithoutPlatform(facts) : commandsWhileUp(facts);
    report(story, platform, places, systems, shown, next);
  } finally {
    connection.close();
  }
}

const passwordFileOf = (platform: Platform): string =>
  join(platform.folder.secrets, platform.repository.password_secret);

function introduce(story: Story, platform: Platform, places: StartPlaces, systems: RegisteredSystems): void {
  const { output } = story.context;
  const what = places.sourceIsOwn
    ? 'your folder, which is only read'
    : 'a working copy of this checkout, which is changed between the backups';
  output.object({
    platform: { endpoint_url: platform.endpointUrl, source_system: systems.sourceSystem, source: places.source },
  });
  output.line(output.paint('strong', 'The platform is up on this machine.'));
  writeFields(output, [
    ['endpoint', platform.endpointUrl],
    ['protects', `${systems.sourceSystem}: ${places.source}`],
    ['', what],
    ['data', places.data],
  ]);
  output.line();
}

function factsForNext(
  platform: Platform,
  places: StartPlaces,
  { newest }: Demonstration,
  tools: InstalledTools,
): NextFacts {
  return {
    endpointUrl: platform.endpointUrl,
    stackName: platform.stackName,
    region: platform.region,
    data: places.data,
    repository: platform.repository.location,
    passwordFile: passwordFileOf(platform),
    backupId: newest.job.backup_id,
    sourcePath: newest.point.evidence.source_path,
    freshFolder: join(places.recovered, 'by-hand'),
    workingFolder: process.cwd(),
    tools,
  };
}

function report(
  story: Story,
  platform: Platform,
  places: StartPlaces,
  systems: RegisteredSystems,
  { recovered }: Demonstration,
  next: readonly NextCommand[],
): void {
  writeReport(
    story,
    {
      source: places.source,
      repository: platform.repository.location,
      password: passwordFileOf(platform),
      catalog: platform.folder.catalog,
      [`target_${freshTarget}`]: recovered,
      [`target_${documentedTarget}`]: systems.documentedTargetPath,
      logs: platform.folder.logs,
    },
    next,
  );
}

async function stayUp({ output, signal }: CommandContext, platform: Platform): Promise<void> {
  if (!signal.aborted) {
    output.object({ up: { endpoint_url: platform.endpointUrl } });
    output.line(`Up at ${platform.endpointUrl} until Ctrl-C.`);
    await once(signal, 'abort');
  }
  output.line('Stopping: the agent gives back what it works on.');
}
