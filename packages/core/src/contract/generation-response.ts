import * as z from 'zod/mini';

/** The schema of a {@link GenerationResponse}. */
export const generationResponse = z.looseObject({
  created: z.int(),
  data: z.array(
    z.object({
      url: z.optional(z.string()),
      b64_json: z.optional(z.string()),
      revised_prompt: z.optional(z.string()),
    }),
  ),
});

/** The response as the contract documents it and as the history service writes it: keys that do not apply are omitted. */
export interface GenerationResponse {
  /** Unix time in seconds at which the upstream started on the request. */
  created: number;
  /** The images. */
  data: {
    /** Its URL; in a response to `response_format: 'url'`. */
    url?: string | undefined;
    /** Its bytes in base64; in a response to `response_format: 'b64_json'`. */
    b64_json?: string | undefined;
    /** The prompt as the upstream rewrote it; absent if it did not. */
    revised_prompt?: string | undefined;
  }[];
  /** Keys beyond the contract, as the upstream sent them. */
  [key: string]: unknown;
}
