import { Fn } from 'cloudform';
import type { TemplateDefinition } from './area.ts';
import { access } from './areas/access.ts';
import { agents } from './areas/agents.ts';
import { database } from './areas/database.ts';
import { drRegion } from './areas/dr-region.ts';
import { monitoring } from './areas/monitoring.ts';
import { network } from './areas/network.ts';
import { orchestrator } from './areas/orchestrator.ts';
import { recovery } from './areas/recovery.ts';
import { storage } from './areas/storage.ts';
import { ref } from './intrinsics.ts';
import { mainParameters } from './main-parameters.ts';

/** `templates/main.yaml`: the whole platform in one account. */
export const mainTemplate: TemplateDefinition = {
  description:
    'Enterprise backup and disaster recovery: the platform in one account, with a second Region that stands by.',
  parameterGroups: mainParameters,
  rules: {
    DRRegionDiffers: {
      Assertions: [
        {
          Assert: Fn.Not(Fn.Equals(ref('DRRegion'), ref('AWS::Region'))),
          AssertDescription: 'DRRegion must be another Region than the one of this stack, or empty.',
        },
      ],
    },
  },
  areas: [network, storage, database, orchestrator, recovery, agents, access, monitoring, drRegion],
};
