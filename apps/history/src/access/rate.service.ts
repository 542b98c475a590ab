import { Injectable } from '@nestjs/common';
import { ApiError } from '../domain/api-error.ts';
import type { Caller } from './caller.ts';
import { RateRepository } from './rate.repository.ts';

const WINDOW_SECONDS = 60;

/** The headers that say how much of its rate a key has left; empty where it has no limit. */
export type RateHeaders = Readonly<Record<string, string>>;

/** Keeps keys to their generations a minute. */
@Injectable()
export class RateService {
  constructor(private readonly repository: RateRepository) {}

  /** Counts a generation against the rate of its key. Throws the answer where there is no room for it, and then it does not count. */
  async take({ keyId, limits: { rateLimit } }: Pick<Caller, 'keyId' | 'limits'>): Promise<RateHeaders> {
    if (keyId === null || rateLimit === null) return {};
    const { taken, fullIn } = await this.repository.take(keyId, rateLimit);
    const left = Math.floor(((WINDOW_SECONDS - fullIn) * rateLimit) / WINDOW_SECONDS);
    const headers = {
      'x-ratelimit-limit-requests': String(rateLimit),
      'x-ratelimit-remaining-requests': String(taken ? Math.max(0, left) : 0),
      'x-ratelimit-reset-requests': `${Math.ceil(fullIn)}s`,
    };
    if (taken) return headers;
    // Whatever is beyond the whole minute less one place has to pass.
    const wait = Math.max(1, Math.ceil(fullIn - WINDOW_SECONDS + WINDOW_SECONDS / rateLimit));
    throw exceeded(rateLimit, wait).with(headers);
  }
}

function exceeded(limit: number, wait: number): ApiError {
  const message = `The rate limit of this API key is ${limit} generations a minute. Nothing was sent: try again in ${wait} seconds, or ask for a key with a higher limit.`;
  const headers = { 'retry-after': String(wait) };
  return new ApiError(message, { status: 429, type: 'rate_limit_error', code: 'rate_limit_exceeded', headers });
}
