import { API_KEY_SCOPES, type ApiKeyScope, type ServiceInfo } from '@wan-image/core';
import { Inject, Injectable } from '@nestjs/common';
import { ACCESS_CONFIG, type AccessConfig } from '../config/slices.ts';
import { VERSION } from '../config/version.ts';
import { SearchProgressRepository } from '../generations/search-progress.repository.ts';
import { Prices } from '../spending/prices.ts';

/** What a page or a program has to know of the service before its first request. */
@Injectable()
export class ServiceInfoService {
  constructor(
    private readonly prices: Prices,
    private readonly progress: SearchProgressRepository,
    @Inject(ACCESS_CONFIG) private readonly config: AccessConfig,
  ) {}

  /** For a caller with these scopes. */
  async get(scopes: ReadonlySet<ApiKeyScope>): Promise<ServiceInfo> {
    const { isSimulated, all, currency } = this.prices;
    return {
      version: VERSION.version,
      simulated: isSimulated,
      key_required: this.config.adminApiKey !== null,
      scopes: API_KEY_SCOPES.filter((scope) => scopes.has(scope)),
      prices: { ...all },
      currency,
      search: await this.progress.get(),
    };
  }
}
