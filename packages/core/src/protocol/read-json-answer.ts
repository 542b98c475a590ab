import type * as z from 'zod/mini';
import { problemsOf } from '../contract/problem.ts';
import { WanImageError } from '../errors/wan-image-error.ts';
import type { AnswerHead } from './answer.ts';
import { errorFromAnswer, isErrorBody, requestIdOf } from './read-error.ts';
import { parseJson } from './parse-json.ts';

/** An answer that costs nothing, as JSON of a known shape, or the error that it stands for, thrown. */
export function readJsonAnswer<T>(schema: z.ZodMiniType<T>, head: AnswerHead, text: string, now: number): T {
  const { status, headers, secrets = [] } = head;
  if (status < 200 || status > 299) throw errorFromAnswer(head, text, now);
  const json = parseJson(text);
  if (isErrorBody(json)) throw errorFromAnswer(head, text, now);
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new WanImageError(
    `The server answered ${status}, but not as the contract says${where(parsed.error)}. Check the base URL.`,
    {
      kind: 'unreadable_reply',
      fault: 'server',
      outcome: 'not_billed',
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
