import { Injectable } from '@nestjs/common';
import { ApiError } from '../domain/api-error.ts';
import type { Caller } from '../http/caller.ts';
import { RateRepository } from './rate.repository.ts';

const WINDOW_SECONDS = 60;

/** The `x-ratelimit-*` headers of a response; empty for a key without a limit. */
export type RateHeaders = Readonly<Record<string, string>>;

/** Enforces the generations per minute of API keys. */
@Injectable()
export class RateService {
  constructor(private readonly repository: RateRepository) {}

  /** Counts a generation against the rate limit of its key. Throws 429 when the limit is reached; that attempt does not count. */
  async take({ keyId, limits: { rateLimit } }: Pick<Caller, 'keyId' | 'limits'>): Promise<RateHeaders> {
    if (keyId === null || rateLimit === null) return {};
    const { allowed, fullIn } = await this.repository.take(keyId, rateLimit);
    const remaining = Math.floor(((WINDOW_SECONDS - fullIn) * rateLimit) / WINDOW_SECONDS);
    const headers = {
      'x-ratelimit-limit-requests': String(rateLimit),
      'x-ratelimit-remaining-requests': String(allowed ? Math.max(0, remaining) : 0),
      'x-ratelimit-reset-requests': `${Math.ceil(fullIn)}s`,
    };
    if (allowed) return headers;
    // Seconds until the window has room for one more generation.
    const wait = Math.max(1, Math.ceil(fullIn - WINDOW_SECONDS + WINDOW_SECONDS / rateLimit));
    throw exceeded(rateLimit, wait).with(headers);
  }
}

function exceeded(limit: number, wait: number): ApiError {
  const message = `The rate limit of this API key is ${limit} generations a minute. Nothing was sent: try again in ${wait} seconds, or ask for a key with a higher limit.`;
  const headers = { 'retry-after': String(wait) };
  return new ApiError(message, { status: 429, type: 'rate_limit_error', code: 'rate_limit_exceeded', headers });
}
