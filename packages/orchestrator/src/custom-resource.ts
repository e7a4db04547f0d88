import { PlatformError, toErrorReport, toPlatformError } from '@enterprise-backup/contracts/errors';
import type { FunctionHandler, FunctionLog, InvocationContext } from '@enterprise-backup/contracts/invocation';
import { validateRequest } from '@enterprise-backup/contracts/validate';
import * as z from 'zod';

/** The fields of a custom resource's request that its answer needs: "Custom resource request objects" of CloudFormation. */
const customResourceRequest = z.object({
  RequestType: z.enum(['Create', 'Update', 'Delete']),
  ResponseURL: z.url(),
  StackId: z.string(),
  RequestId: z.string(),
  LogicalResourceId: z.string(),
});
type CustomResourceRequest = z.infer<typeof customResourceRequest>;

/** Buckets in which CloudFormation waits for answers, one for each Region. */
const answerHost = /^cloudformation-custom-resource-response-[a-z0-9]+\.s3[.-][a-z0-9.-]*amazonaws\.com(?:\.cn)?$/;
/** The same for every request, so that an update never seems to replace the resource. */
const physicalId = 'catalog-schema';
/** CloudFormation takes an answer of at most 4,096 bytes. */
const longestReason = 1000;
const attempts = 3;

/** What answering needs. */
export interface CustomResourceSettings {
  readonly log: FunctionLog;
  /** Address that stands in for AWS, which may then also be answered to; null in AWS itself. */
  readonly endpointUrl: string | null;
}

/**
 * A function that is a custom resource of CloudFormation as well: at create and at update it runs `migrate` of `handle`;
 * at delete it does nothing, so that a stack can be deleted after its database. It answers in any case, since
 * CloudFormation waits until its time is over; a failure is told with its hint. Other events go to `handle`.
 *
 * @throws PlatformError REQUEST_INVALID when the request names another place for the answer than CloudFormation's own:
 * it would let a caller make the function send requests into the network. FUNCTION_UNAVAILABLE when nothing takes it.
 */
export function answerCustomResource(handle: FunctionHandler, settings: CustomResourceSettings): FunctionHandler {
  return async (event, context) => {
    if (!isCustomResourceEvent(event)) return handle(event, context);
    const request = validateRequest(customResourceRequest, event);
    const url = answerAddress(request.ResponseURL, settings.endpointUrl);
    await putAnswer(url, await carryOut(request, handle, context, settings.log));
    return null;
  };
}

function isCustomResourceEvent(event: unknown): boolean {
  return typeof event === 'object' && event !== null && 'RequestType' in event && 'ResponseURL' in event;
}

function answerAddress(text: string, endpointUrl: string | null): URL {
  const url = new URL(text);
  const isCloudFormation = url.protocol === 'https:' && answerHost.test(url.hostname);
  if (isCloudFormation || (endpointUrl !== null && url.origin === new URL(endpointUrl).origin)) return url;
  throw new PlatformError('REQUEST_INVALID', 'ResponseURL is not a place where CloudFormation waits for an answer');
}

async function carryOut(
  request: CustomResourceRequest,
  handle: FunctionHandler,
  context: InvocationContext,
  log: FunctionLog,
): Promise<object> {
  const { StackId, RequestId, LogicalResourceId, RequestType } = request;
  const answer = { StackId, RequestId, LogicalResourceId, PhysicalResourceId: physicalId };
  if (RequestType === 'Delete') return { ...answer, Status: 'SUCCESS' };
  try {
    const Data = await handle({ action: 'migrate' }, context);
    return { ...answer, Status: 'SUCCESS', Data };
  } catch (error) {
    const { code, message, hint } = toErrorReport(toPlatformError(error));
    log.error('the catalog cannot be migrated', { request_id: context.awsRequestId, code });
    return { ...answer, Status: 'FAILED', Reason: `${code}: ${message} ${hint}`.slice(0, longestReason) };
  }
}

async function putAnswer(url: URL, answer: object): Promise<void> {
  // As bytes: a text would bring a content type along, which the signature of the address does not have.
  const body = Buffer.from(JSON.stringify(answer));
  for (let attempt = 1; ; attempt += 1) {
    try {
      const { ok, status } = await fetch(url, { method: 'PUT', body });
      if (ok) return;
      throw new PlatformError('FUNCTION_UNAVAILABLE', `CloudFormation did not take the answer: status ${status}`);
    } catch (error) {
      if (attempt < attempts) continue;
      throw error instanceof PlatformError
        ? error
        : new PlatformError('FUNCTION_UNAVAILABLE', 'CloudFormation cannot be reached for the answer', {
            cause: error,
          });
    }
  }
}
