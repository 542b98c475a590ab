import * as z from 'zod/mini';

/** The schema of a {@link Model}. */
export const model = z.looseObject({
  id: z.string(),
  created: z.optional(z.number()),
  owned_by: z.optional(z.string()),
});

/** A model, as far as it is used. */
export interface Model {
  /** What you can use as `model`: a model of this API or, with a history service, an alias. */
  id: string;
  /** Unix time in seconds; absent if the server does not say. */
  created?: number | undefined;
  /** Who offers it; absent if the server does not say. */
  owned_by?: string | undefined;
  /** More, as the server sent it. */
  [key: string]: unknown;
}

/** The schema of a {@link ModelList}. */
export const modelList = z.looseObject({ data: z.array(model) });

/** The part of the response of `GET /v1/models` that is used. */
export interface ModelList {
  /** The models that the API key may use. */
  data: Model[];
  /** More, as the server sent it. */
  [key: string]: unknown;
}
