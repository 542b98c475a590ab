import * as z from 'zod/mini';
import { searchProgress } from './generation-record.ts';
import type { SearchProgress } from './library-types.ts';
import { API_KEY_SCOPES, type ApiKeyScope } from './access-rules.ts';

/** The schema of a {@link ServiceInfo}. */
export const serviceInfo = /* @__PURE__ */ (() =>
  z.object({
    version: z.string(),
    simulated: z.boolean(),
    key_required: z.boolean(),
    scopes: z.array(z.enum(API_KEY_SCOPES)),
    prices: z.record(z.string(), z.string()),
    currency: z.string(),
    search: searchProgress,
  }))();

/** What a service is, and what the caller may do there: the body of `GET /v1/service`. */
export interface ServiceInfo {
  /** The version of the service. */
  version: string;
  /** Whether its embedded simulator generates the images: nothing is billed. */
  simulated: boolean;
  /** Whether requests need an API key. */
  key_required: boolean;
  /** What the key of the request may do; everything if no key is needed. */
  scopes: ApiKeyScope[];
  /** The price of an image by model, such as `{"wan2.7-image": "0.20"}`; without the models whose price is not set. */
  prices: Record<string, string>;
  /** The currency of the prices, such as `CNY`. */
  currency: string;
  /** How much of what is kept a search finds. */
  search: SearchProgress;
}
