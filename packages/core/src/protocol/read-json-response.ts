import type * as z from 'zod/mini';
import { problemsOf } from '../contract/problem.ts';
import { WanImageError } from '../errors/wan-image-error.ts';
import type { ResponseHead } from './response-head.ts';
import { errorFromResponse, isErrorBody, requestIdOf } from './read-error.ts';
import { parseJson } from './parse-json.ts';

/** An answer as JSON of a known shape, or the error that it stands for, thrown. */
export function readJsonResponse<T>(schema: z.ZodMiniType<T>, head: ResponseHead, text: string, now: number): T {
  const { status, headers, secrets = [] } = head;
  if (status < 200 || status > 299) throw errorFromResponse(head, text, now);
  const json = parseJson(text);
  const parsed = schema.safeParse(json);
  // The record of a generation that failed has an error too: its own.
  const isRecord = parsed.success && 'state' in (parsed.data as object);
  if (!isRecord && isErrorBody(json)) throw errorFromResponse(head, text, now);
  if (parsed.success) return parsed.data;
  throw new WanImageError(
    `The server answered ${status}, but not as the contract says${where(parsed.error)}. Check the base URL.`,
    {
      kind: 'unreadable_response',
      fault: 'server',
      // Of what costs nothing, the client makes that of it.
      outcome: 'unknown',
      status,
      headers,
      requestId: requestIdOf(headers),
    },
    { secrets },
  );
}

/** The first place where a value is not as it should be. */
function where(error: z.core.$ZodError): string {
  const param = problemsOf(error)[0]?.param;
  return param ? ` (${param})` : '';
}
