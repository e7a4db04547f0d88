import type { PlatformChoice } from '@enterprise-backup/local/platform-client';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ConnectionOptions } from '../commands/connection-options.ts';
import { checkoutFolder, dataFolderName } from './checkout.ts';

/**
 * Which platform the options mean: the one at --endpoint-url; the one on the data folder of --data; in AWS when --region or
 * --stack-name is given alone; else the one on `.data` of the working folder, if one has run there, or of the checkout.
 */
export function choosePlatform(options: ConnectionOptions): PlatformChoice {
  const { endpointUrl, data, stackName, region } = options;
  const names = { ...(stackName === undefined ? {} : { stackName }), ...(region === undefined ? {} : { region }) };
  if (endpointUrl !== undefined) return { endpointUrl, ...names };
  if (data !== undefined) return { dataFolder: resolve(data), ...names };
  if (stackName !== undefined || region !== undefined) return names;
  const here = resolve(dataFolderName);
  return { dataFolder: existsSync(join(here, 'endpoint.json')) ? here : join(checkoutFolder, dataFolderName) };
}
