import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { ApiKeyScope, SpendPeriod } from '@wan-image/core';
import type { FastifyRequest } from 'fastify';
import type { ReadScope } from '../domain/scope.ts';

/** Limits of a key; null means unlimited. */
interface KeyLimits {
  /** Generations per minute. */
  readonly rateLimit: number | null;
  /** In millionths of the currency, per period. */
  readonly spendLimit: number | null;
  readonly spendPeriod: SpendPeriod | null;
}

/** The authenticated sender of a request. It creates within its project alone. */
export interface Caller {
  readonly projectId: string;
  /** Who reads, and what: the same project or, for the admin key, what the `project_id` of a read names. */
  readonly reads: ReadScope & { readonly isAdmin: boolean };
  /** Null for the admin key, and for a service that runs without keys. */
  readonly keyId: string | null;
  readonly scopes: ReadonlySet<ApiKeyScope>;
  readonly isAdmin: boolean;
  readonly limits: KeyLimits;
}

const callers = new WeakMap<FastifyRequest, Caller>();

/** Sets the caller of a request, after its access check. */
export function setCaller(request: FastifyRequest, caller: Caller): void {
  callers.set(request, caller);
}

/** Injects the {@link Caller} of the request. Public routes have none. */
export const CurrentCaller = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const caller = callers.get(context.switchToHttp().getRequest<FastifyRequest>());
  if (caller === undefined) throw new Error('@CurrentCaller() on a public route: its requests have no caller');
  return caller;
});
