import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the project's checkout, in which this file lies. */
export const checkoutFolder = dirname(dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url))))));

/** Name of the data folder, below the checkout or the working folder. */
export const dataFolderName = '.data';
