import type { PlatformConnection } from '@enterprise-backup/local/platform-client';

/** The two functions of a platform, wherever it runs. */
export type PlatformClient = Pick<PlatformConnection, 'orchestrator' | 'recovery'>;
