import type * as z from 'zod/mini';
import { WanImageError } from '../errors/wan-image-error.ts';
import { errorFromAnswer, isErrorBody, requestIdOf } from './read-error.ts';
import { parseJson } from './parse-json.ts';
import type { HttpAnswer } from './read-reply.ts';

/** A reader for answers that cost nothing: JSON of a known shape, or the error that it stands for, thrown. */
export function readJsonAnswer<T>(schema: z.ZodMiniType<T>): (answer: HttpAnswer, now: number) => T {
  return (answer, now) => {
    const { status, headers, text } = answer;
    if (status < 200 || status > 299) throw errorFromAnswer(status, headers, text, now);
    const json = parseJson(text);
    if (isErrorBody(json)) throw errorFromAnswer(status, headers, text, now);
    const parsed = schema.safeParse(json);
    if (parsed.success) return parsed.data;
    throw new WanImageError(`The server answered ${status}, but not as the contract says. Check the base URL.`, {
      kind: 'unreadable_reply',
      fault: 'server',
      outcome: 'not_billed',
      status,
      requestId: requestIdOf(headers),
    });
  };
}
