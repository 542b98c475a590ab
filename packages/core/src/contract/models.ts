import * as z from 'zod/mini';

/** The part of the response of `GET /v1/models` that is used. */
export const modelList = z.looseObject({
  data: z.array(z.looseObject({ id: z.string(), created: z.optional(z.number()), owned_by: z.optional(z.string()) })),
});

export type ModelList = z.infer<typeof modelList>;
