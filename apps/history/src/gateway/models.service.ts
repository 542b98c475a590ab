import { isWanImageError, MODELS, type Client, type ModelList } from '@wan-image/core';
import { Inject, Injectable } from '@nestjs/common';
import { GATEWAY_CONFIG, type GatewayConfig } from '../config/slices.ts';
import { UPSTREAM_CLIENT } from '../upstream/upstream.ts';
import { toApiError } from './response/upstream-error.ts';

/** The models that clients can request. */
@Injectable()
export class ModelsService {
  constructor(
    @Inject(UPSTREAM_CLIENT) private readonly client: Client,
    @Inject(GATEWAY_CONFIG) private readonly config: GatewayConfig,
  ) {}

  /** The upstream's models that the contract defines, and their aliases. Throws upstream failures as an ApiError. */
  async list(): Promise<ModelList> {
    const { data, ...list } = await this.client.models().catch((error: unknown) => {
      throw isWanImageError(error) ? toApiError(error) : error;
    });
    const known: readonly string[] = MODELS;
    const offered = data.filter(({ id }) => known.includes(id));
    return { object: 'list', ...list, data: [...offered, ...this.#aliasesOf(offered)] };
  }

  #aliasesOf(offered: ModelList['data']): ModelList['data'] {
    return [...this.config.modelAliases].flatMap(([alias, model]) => {
      const found = offered.find(({ id }) => id === model);
      return found === undefined ? [] : [{ ...found, id: alias }];
    });
  }
}
