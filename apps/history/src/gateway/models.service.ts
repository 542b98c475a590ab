import { isWanImageError, MODELS, type Client, type Model, type ModelList } from '@wan-image/core';
import { Inject, Injectable } from '@nestjs/common';
import { GATEWAY_CONFIG, type GatewayConfig } from '../config/slices.ts';
import { ApiError } from '../domain/api-error.ts';
import { UPSTREAM_CLIENT } from '../upstream/upstream.ts';
import { toApiError } from './response/upstream-error.ts';

/** How long the upstream's models are kept, and how long its failure is. */
const MODELS_MS = 60_000;
const FAILURE_MS = 2_000;

/** The models that clients can request. */
@Injectable()
export class ModelsService {
  /** In flight, or complete and valid until then, by the monotonic clock in milliseconds. */
  #cached: { readonly models: Promise<ModelList>; until: number } | null = null;

  constructor(
    @Inject(UPSTREAM_CLIENT) private readonly client: Client,
    @Inject(GATEWAY_CONFIG) private readonly config: GatewayConfig,
  ) {}

  /** The upstream's models that the contract defines, and their aliases. Throws upstream failures as an ApiError. */
  async list(): Promise<ModelList> {
    const { data, ...list } = await this.#upstreamModels();
    const known: readonly string[] = MODELS;
    const offered = data.filter(({ id }) => known.includes(id));
    return { object: 'list', ...list, data: [...offered, ...this.#aliasesOf(offered)] };
  }

  /** One of the list. Throws the error response if it is not in it. */
  async get(id: string): Promise<Model> {
    const { data } = await this.list();
    const found = data.find((model) => model.id === id);
    if (found !== undefined) return found;
    const known = data.map((model) => model.id).join(', ');
    throw new ApiError(`There is no model ${JSON.stringify(id.slice(0, 100))}. Models: ${known}.`, {
      status: 404,
      type: 'not_found_error',
      code: 'model_not_found',
      param: 'id',
    });
  }

  /** Clients ask for the models to check their key, some before each request: the upstream is asked once for all of them. */
  #upstreamModels(): Promise<ModelList> {
    if (this.#cached !== null && performance.now() < this.#cached.until) return this.#cached.models;
    const models = this.client.models().catch((error: unknown) => {
      throw isWanImageError(error) ? toApiError(error) : error;
    });
    const cached = { models, until: Number.POSITIVE_INFINITY };
    this.#cached = cached;
    const keepFor = (ms: number) => (): void => void (cached.until = performance.now() + ms);
    models.then(keepFor(MODELS_MS), keepFor(FAILURE_MS));
    return models;
  }

  #aliasesOf(offered: ModelList['data']): ModelList['data'] {
    return [...this.config.modelAliases].flatMap(([alias, model]) => {
      const found = offered.find(({ id }) => id === model);
      return found === undefined ? [] : [{ ...found, id: alias }];
    });
  }
}
