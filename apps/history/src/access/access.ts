import { RouteConfig } from '@nestjs/platform-fastify';
import type { ApiKeyScope } from '@wan-image/core';
import type { FastifyContextConfig } from 'fastify';

/** What a route asks for: a scope, any key at all, the admin key, or nothing. */
export type AccessNeed = ApiKeyScope | 'any key' | 'admin' | 'public';

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: AccessNeed;
  }
}

/** Declares what a route asks for. One that declares nothing is open to the admin key alone. */
export const Access = (need: AccessNeed): MethodDecorator => RouteConfig({ access: need });

/** Routes that are not of a controller and open to all: the documentation. */
const DOCUMENTATION = /^\/(?:docs(?:\/.*)?|openapi\.json)$/;

/** What a registered route asks for, from its pattern and its configuration. */
export function needOf(url: string, config: FastifyContextConfig | undefined): AccessNeed {
  if (DOCUMENTATION.test(url)) return 'public';
  return config?.access ?? 'admin';
}
