/** A platform as a process of its own, for tests that kill it: prints its endpoint, and stops when it is told to. */
import { systemClock } from '@enterprise-backup/contracts/clock';
import { startPlatform } from '../src/platform.ts';

const [dataFolder = ''] = process.argv.slice(2);
const platform = await startPlatform({ dataFolder, port: 0, clock: systemClock });
process.once('SIGTERM', () => {
  void platform.stop();
});
console.log(JSON.stringify({ endpoint_url: platform.endpointUrl, agent_pid: platform.agents[0]?.pid() }));
