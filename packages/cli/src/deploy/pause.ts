import { setTimeout } from 'node:timers/promises';
import { PlatformError } from '@enterprise-backup/contracts/errors';

/** Waits for so many seconds. Throws CANCELLED as soon as the person asks for the end. */
export async function pause(seconds: number, signal: AbortSignal): Promise<void> {
  try {
    await setTimeout(seconds * 1000, undefined, { signal });
  } catch (error) {
    throw new PlatformError('CANCELLED', 'it was broken off; what CloudFormation has begun goes on without it', {
      cause: error,
    });
  }
}
