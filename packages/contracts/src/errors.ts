import { errorRegistry, isErrorCode, type ErrorCode, type ErrorKind } from './error-registry.ts';

/**
 * The one error that the platform raises: a code of the registry, a plain sentence about this occurrence, and the
 * registry's hint. `name` is the code, so that Lambda reports it as `errorType`.
 */
export class PlatformError extends Error {
  readonly code: ErrorCode;

  /** `sentence` says what happened, in one plain sentence without a secret; `cause` is the error beneath, if any. */
  constructor(code: ErrorCode, sentence: string, options: { readonly cause?: unknown } = {}) {
    super(sentence, options);
    this.code = code;
    this.name = code;
  }

  get kind(): ErrorKind {
    return errorRegistry[this.code].kind;
  }

  get hint(): string {
    return errorRegistry[this.code].hint;
  }

  get retryable(): boolean {
    return errorRegistry[this.code].retryable;
  }
}

/** An error as it stands in JSON. Its contract is in error-report.ts, so that a thread that only throws loads no validation. */
export interface ErrorReport {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly retryable: boolean;
}

/** Turns anything thrown into a PlatformError: its own stay as they are, others become INTERNAL with their message. */
export function toPlatformError(thrown: unknown): PlatformError {
  if (thrown instanceof PlatformError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new PlatformError('INTERNAL', message, { cause: thrown });
}

/** The JSON form of an error. */
export function toErrorReport(error: PlatformError): ErrorReport {
  return { code: error.code, message: error.message, hint: error.hint, retryable: error.retryable };
}

/** Stands between the sentence and the hint in the message of an error that a function throws. */
const hintMark = '. Hint: ';

/** An error as a function throws it: Lambda passes on its name and its message alone, so the hint goes into the message. */
export function withHint(error: PlatformError): PlatformError {
  return new PlatformError(error.code, `${error.message}${hintMark}${error.hint}`, { cause: error.cause });
}

/**
 * The error that a report, or what Lambda answers of a thrown error, describes. A code of another version of the platform
 * becomes INTERNAL and stays in the message.
 */
export function fromErrorReport(report: Pick<ErrorReport, 'code' | 'message'>): PlatformError {
  const [sentence = report.message] = report.message.split(hintMark);
  return isErrorCode(report.code)
    ? new PlatformError(report.code, sentence)
    : new PlatformError('INTERNAL', `${report.code}: ${sentence}`);
}
