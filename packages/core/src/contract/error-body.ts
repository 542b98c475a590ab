import * as z from 'zod/mini';

/** The schema of an {@link ErrorBody}. */
export const errorBody = z.object({
  error: z.object({
    message: z.string(),
    type: z.string(),
    param: z.nullable(z.string()),
    code: z.nullable(z.string()),
  }),
});

/** The body of an error of a history service or of the simulator: the form of OpenAI's API, always with all four keys. */
export interface ErrorBody {
  /** The error. */
  error: {
    /** What happened and how to fix it. */
    message: string;
    /** The kind of error, such as `invalid_request_error`. */
    type: string;
    /** The invalid field, with the index in a list (`image[1]`); null if no single field is at fault. */
    param: string | null;
    /** A stable code; null without one. */
    code: string | null;
  };
}
