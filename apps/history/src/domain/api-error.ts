/** The `type` of an error in OpenAI's error envelope. */
export type ErrorType =
  | 'invalid_request_error'
  | 'authentication_error'
  | 'permission_error'
  | 'not_found_error'
  | 'rate_limit_error'
  | 'spend_limit_error'
  | 'upstream_error'
  | 'server_error';

export interface ApiErrorFacts {
  readonly status: number;
  readonly type: string;
  readonly code?: string | null;
  readonly param?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An error that becomes the response: its message is written for the client. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly type: string;
  readonly code: string | null;
  readonly param: string | null;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    message: string,
    { status, type, code = null, param = null, headers = {} }: ApiErrorFacts,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.status = status;
    this.type = type;
    this.code = code;
    this.param = param;
    this.headers = headers;
  }

  /** The same error with more headers. */
  with(headers: Readonly<Record<string, string>>): ApiError {
    const { status, type, code, param } = this;
    return new ApiError(
      this.message,
      { status, type, code, param, headers: { ...this.headers, ...headers } },
      { cause: this },
    );
  }
}

export function invalidRequest(message: string, param: string | null): ApiError {
  return new ApiError(message, { status: 400, type: 'invalid_request_error', code: 'invalid_request', param });
}

/** One error that reports all problems of a request. */
export function brokenRules(
  problems: readonly { readonly message: string; readonly param: string | null }[],
): ApiError {
  return invalidRequest(problems.map(({ message }) => message).join(' '), problems[0]?.param ?? null);
}

export function notFound(what: string): ApiError {
  return new ApiError(`${what} does not exist.`, { status: 404, type: 'not_found_error', code: 'not_found' });
}
