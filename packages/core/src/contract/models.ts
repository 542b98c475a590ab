import * as z from 'zod/mini';

/** A model, as far as it is used. */
export const model = z.looseObject({
  id: z.string(),
  created: z.optional(z.number()),
  owned_by: z.optional(z.string()),
});

export type Model = z.infer<typeof model>;

/** The part of the response of `GET /v1/models` that is used. */
export const modelList = z.looseObject({ data: z.array(model) });

export type ModelList = z.infer<typeof modelList>;
