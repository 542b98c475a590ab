import * as z from 'zod/mini';

// Built in functions, so that a bundler can drop those that it does not need.

/** The schema of a {@link Model}. */
export const model = /* @__PURE__ */ (() =>
  z.looseObject({
    id: z.string(),
    created: z.optional(z.number()),
    owned_by: z.optional(z.string()),
  }))();

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
export const modelList = /* @__PURE__ */ (() => z.looseObject({ data: z.array(model) }))();

/** The part of the response of `GET /v1/models` that is used. */
export interface ModelList {
  /** The models that the API key may use. */
  data: Model[];
  /** More, as the server sent it. */
  [key: string]: unknown;
}

type Entries = Readonly<Record<string, unknown>>;

function isModel(value: unknown): value is Model {
  if (typeof value !== 'object' || value === null) return false;
  const { id, created, owned_by: ownedBy } = value as Entries;
  return (
    typeof id === 'string' &&
    (created === undefined || typeof created === 'number') &&
    (ownedBy === undefined || typeof ownedBy === 'string')
  );
}

function isModelList(value: unknown): value is ModelList {
  const data = typeof value === 'object' && value !== null ? (value as Entries)['data'] : null;
  return Array.isArray(data) && data.every(isModel);
}

/** {@link model} for a client, as a function: the schemas of open objects and of lists would add half a kilobyte to each bundle. */
export const clientModel = /* @__PURE__ */ (() => z.custom<Model>(isModel))();

/** {@link modelList} for a client. */
export const clientModelList = /* @__PURE__ */ (() => z.custom<ModelList>(isModelList))();
