/** An answer of the Invoke API that refuses an invocation before the function is run. */
export interface ServiceErrorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Errors of the Invoke API, from https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors. */
const statusOf = {
  AccessDeniedException: 403,
  InvalidParameterValueException: 400,
  InvalidRequestContentException: 400,
  MethodNotAllowedException: 405,
  RequestTooLargeException: 413,
  ResourceNotFoundException: 404,
  ServiceException: 500,
  TooManyRequestsException: 429,
  UnknownOperationException: 404,
  UnsupportedMediaTypeException: 415,
  ValidationException: 400,
} as const;

export type ServiceErrorType = keyof typeof statusOf;

/** These spell the member in upper case; the rest of the API's errors spell it `message`. */
const upperCaseMessage: ReadonlySet<ServiceErrorType> = new Set(['ResourceNotFoundException', 'ServiceException']);

/** The answer for an error, in the shape that the SDKs and the AWS CLI read. `more` are further headers. */
export function serviceError(
  type: ServiceErrorType,
  message: string,
  more: { readonly headers?: Readonly<Record<string, string>>; readonly reason?: string } = {},
): ServiceErrorAnswer {
  return {
    status: statusOf[type],
    headers: { 'x-amzn-ErrorType': type, ...more.headers },
    body: {
      ...(more.reason === undefined ? {} : { Reason: more.reason }),
      Type: statusOf[type] >= 500 ? 'Service' : 'User',
      [upperCaseMessage.has(type) ? 'Message' : 'message']: message,
    },
  };
}

/** Whether something is the answer of a refusal. */
export class ServiceRefusal extends Error {
  readonly answer: ServiceErrorAnswer;

  /** Thrown inside the endpoint where an invocation is refused. */
  constructor(...error: Parameters<typeof serviceError>) {
    super(error[1]);
    this.name = error[0];
    this.answer = serviceError(...error);
  }
}
