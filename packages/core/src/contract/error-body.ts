import * as z from 'zod/mini';

/** The error envelope of this project: always all four keys (ruling 16). */
export const errorBody = z.object({
  error: z.object({
    /** What happened, and what to do now. */
    message: z.string(),
    type: z.string(),
    /** The field at fault, with the index for a list (`image[1]`); null where it is none. */
    param: z.nullable(z.string()),
    code: z.nullable(z.string()),
  }),
});

export type ErrorBody = z.infer<typeof errorBody>;
