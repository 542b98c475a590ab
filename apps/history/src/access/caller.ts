import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { ApiKeyScope, SpendPeriod } from '@wan-image/core';
import type { FastifyRequest } from 'fastify';

/** What a key may use; null: as much as is asked for. */
interface KeyLimits {
  /** Generations a minute. */
  readonly rateLimit: number | null;
  /** In millionths of the currency, in each period. */
  readonly spendLimit: number | null;
  readonly spendPeriod: SpendPeriod | null;
}

/** On whose behalf a request comes. All it sees and makes is of its project. */
export interface Caller {
  readonly projectId: string;
  /** Null: the admin key, or a service that asks for none. */
  readonly keyId: string | null;
  readonly scopes: ReadonlySet<ApiKeyScope>;
  readonly isAdmin: boolean;
  readonly limits: KeyLimits;
}

const callers = new WeakMap<FastifyRequest, Caller>();

/** Remembers who a request comes from, once it has been let in. */
export function setCaller(request: FastifyRequest, caller: Caller): void {
  callers.set(request, caller);
}

/** A parameter that is the {@link Caller} of the request. Not for public routes: they have none. */
export const CurrentCaller = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const caller = callers.get(context.switchToHttp().getRequest<FastifyRequest>());
  if (caller === undefined) throw new Error('A route without a caller asked for one');
  return caller;
});
