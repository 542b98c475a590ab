import { RouteConfig } from '@nestjs/platform-fastify';
import type { ApiKeyScope } from '@wan-image/core';
import type { FastifyContextConfig } from 'fastify';

/** What a route requires: a scope, any valid key, the admin key, or nothing. */
export type AccessNeed = ApiKeyScope | 'any key' | 'admin' | 'public';

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: AccessNeed;
    ownPagesOnly?: boolean;
  }
}

interface AccessOptions {
  /** Whether a service without keys refuses pages of other sites, as it does for what changes something: a GET that is a lot of work. */
  readonly ownPagesOnly?: boolean;
}

/** Declares what a route requires. A route without this decorator requires the admin key. */
export const Access = (need: AccessNeed, { ownPagesOnly = false }: AccessOptions = {}): MethodDecorator =>
  RouteConfig({ access: need, ownPagesOnly });

/** The documentation: public routes that no controller declares. */
const DOCUMENTATION = /^\/(?:docs(?:\/.*)?|openapi\.json)$/;

/** What a registered route requires, from its pattern and its configuration. */
export function needOf(url: string, config: FastifyContextConfig | undefined): AccessNeed {
  if (DOCUMENTATION.test(url)) return 'public';
  return config?.access ?? 'admin';
}
