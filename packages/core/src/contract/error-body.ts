import * as z from 'zod/mini';

/** The error body of this project, always with all four keys (ruling 16). */
export const errorBody = z.object({
  error: z.object({
    /** What happened and how to fix it. */
    message: z.string(),
    type: z.string(),
    /** The invalid field, with the index in a list (`image[1]`); null if no single field is at fault. */
    param: z.nullable(z.string()),
    code: z.nullable(z.string()),
  }),
});

export type ErrorBody = z.infer<typeof errorBody>;
