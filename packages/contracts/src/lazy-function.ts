import { toPlatformError, withHint } from './errors.ts';
import type { FunctionHandler, FunctionLog } from './invocation.ts';

/**
 * A function whose parts, such as the connection to the catalog, are opened by the first call and kept for the later
 * ones. An opening that fails is logged, fails its call with a PlatformError, and is tried again by the next call.
 */
export function createLazyFunction(open: () => Promise<FunctionHandler>, log: FunctionLog): FunctionHandler {
  let opened: Promise<FunctionHandler> | undefined;
  return async (event, context) => {
    opened ??= open();
    const opening = opened;
    let handle: FunctionHandler;
    try {
      handle = await opening;
    } catch (error) {
      // A call that waited for the same opening must not throw away the next one.
      if (opened === opening) opened = undefined;
      log.error('function not opened', { request_id: context.awsRequestId, error });
      throw withHint(toPlatformError(error));
    }
    return handle(event, context);
  };
}
