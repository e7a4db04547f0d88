import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkoutFolder } from '../platform/checkout.ts';
import { renderReference } from './render-reference.ts';

writeFileSync(join(checkoutFolder, 'docs', 'backupctl.md'), await renderReference());
