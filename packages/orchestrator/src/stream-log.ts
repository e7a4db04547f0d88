import { Logger } from '@aws-lambda-powertools/logger';
import type { FunctionLog } from '@enterprise-backup/contracts/invocation';

/** A line is one JSON object without its line end. */
export type WriteLine = (line: string) => void;

/** Powertools writes to the console, which on one machine belongs to the person: here each entry goes to `write`. */
class StreamLogger extends Logger {
  readonly #write: WriteLine;

  constructor(serviceName: string, write: WriteLine) {
    super({ serviceName });
    this.#write = write;
  }

  protected override printLog(...[, entry]: Parameters<Logger['printLog']>): void {
    this.#write(JSON.stringify(entry.getAttributes(), this.getJsonReplacer()));
  }
}

/** A function's log whose entries, in the shape that Lambda writes to CloudWatch, go to `write`. */
export function createStreamLog(serviceName: string, write: WriteLine): FunctionLog {
  return new StreamLogger(serviceName, write);
}
