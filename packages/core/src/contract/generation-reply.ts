import * as z from 'zod/mini';

/** A text that counts only when there is something in it: a missing key, null and "" all mean absent (ruling 13). */
const maybeText = z.optional(z.nullable(z.string()));

/**
 * The reply as it may come from any host of the contract. Lenient on purpose (ruling 13): only what is used is looked at,
 * so that a new or odd key upstream breaks nothing; the rest is kept.
 */
export const upstreamReply = z.looseObject({
  created: z.optional(z.nullable(z.number())),
  data: z.array(z.looseObject({ url: maybeText, b64_json: maybeText, revised_prompt: maybeText })),
});

/** The reply as the contract documents it and as history writes it: keys that do not apply are left out. */
export const generationReply = z.looseObject({
  /** Unix seconds: when the upstream began to work on the request. */
  created: z.int(),
  data: z.array(
    z.object({
      url: z.optional(z.string()),
      b64_json: z.optional(z.string()),
      revised_prompt: z.optional(z.string()),
    }),
  ),
});

export type GenerationReply = z.infer<typeof generationReply>;
