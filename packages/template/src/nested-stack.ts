import { CloudFormation, DeletionPolicy } from 'cloudform';
import { templateUrl } from './artifacts.ts';
import { explicitly } from './deletion.ts';
import { as } from './intrinsics.ts';

/** A template of its own file as a nested stack. Nothing is read from it, so it can be left for later or replaced. */
export const nestedStack = (file: string, parameters: Readonly<Record<string, unknown>>): CloudFormation.Stack =>
  explicitly(
    DeletionPolicy.Delete,
    new CloudFormation.Stack({ TemplateURL: templateUrl(file), Parameters: as(parameters) }),
  );
