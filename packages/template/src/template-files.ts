import type { TemplateDefinition } from './area.ts';
import { toTemplateText } from './assemble.ts';
import { drAccessTemplate } from './dr-access-template.ts';
import { drRegionTemplate } from './dr-region-template.ts';
import { endpointsTemplate } from './endpoints-template.ts';
import { mainTemplate } from './main-template.ts';
import { maintenanceTemplate } from './maintenance-template.ts';
import { monitoringTemplate } from './monitoring-template.ts';

/** Most bytes that CloudFormation takes with `--template-body`: "AWS CloudFormation quotas", template body size. */
export const mostTemplateBytes = 51_200;

/** Every template by the name of its file in `templates/`. */
export const templateDefinitions: Readonly<Record<string, TemplateDefinition>> = {
  'main.yaml': mainTemplate,
  'endpoints.yaml': endpointsTemplate,
  'maintenance.yaml': maintenanceTemplate,
  'monitoring.yaml': monitoringTemplate,
  'dr-access.yaml': drAccessTemplate,
  'dr-region.yaml': drRegionTemplate,
};

/** The text of every template, by the name of its file. The same sources give the same bytes. */
export const templateTexts = (): Map<string, string> =>
  new Map(Object.entries(templateDefinitions).map(([name, definition]) => [name, toTemplateText(definition)]));
