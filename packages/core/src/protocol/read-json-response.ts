import type * as z from 'zod/mini';
import { problemsOf } from '../contract/problem.ts';
import { WanImageError } from '../errors/wan-image-error.ts';
import type { ResponseHead } from './response-head.ts';
import { errorFromResponse, isErrorBody, requestIdOf } from './read-error.ts';
import { parseJson } from './parse-json.ts';

/** Parses a response with a known schema. Throws the error of a failed response. */
export function readJsonResponse<T>(schema: z.ZodMiniType<T>, head: ResponseHead, text: string, now: number): T {
  const { status, headers, secrets = [] } = head;
  if (status < 200 || status > 299) throw errorFromResponse(head, text, now);
  const json = parseJson(text);
  const parsed = schema.safeParse(json);
  // The record of a failed generation has an `error` key too.
  const isRecord = parsed.success && 'state' in (parsed.data as object);
  if (!isRecord && isErrorBody(json)) throw errorFromResponse(head, text, now);
  if (parsed.success) return parsed.data;
  throw new WanImageError(
    `The server responded with ${status}, but the body does not match the contract${where(parsed.error)}. Check the base URL.`,
    {
      kind: 'unreadable_response',
      fault: 'server',
      // The client changes it to `not_billed` for operations that are free of charge.
      outcome: 'unknown',
      status,
      headers,
      requestId: requestIdOf(headers),
    },
    { secrets },
  );
}

/** The path of the first invalid value. */
function where(error: z.core.$ZodError): string {
  const param = problemsOf(error)[0]?.param;
  return param ? ` (${param})` : '';
}
