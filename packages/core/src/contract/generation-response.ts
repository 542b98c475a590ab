import * as z from 'zod/mini';

/** The response as the contract documents it and as the history service writes it: keys that do not apply are omitted. */
export const generationResponse = z.looseObject({
  /** Unix time in seconds at which the upstream started on the request. */
  created: z.int(),
  data: z.array(
    z.object({
      url: z.optional(z.string()),
      b64_json: z.optional(z.string()),
      revised_prompt: z.optional(z.string()),
    }),
  ),
});

export type GenerationResponse = z.infer<typeof generationResponse>;
