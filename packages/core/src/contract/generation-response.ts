import * as z from 'zod/mini';

/** The reply as the contract documents it and as history writes it: keys that do not apply are left out. */
export const generationResponse = z.looseObject({
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

export type GenerationResponse = z.infer<typeof generationResponse>;
