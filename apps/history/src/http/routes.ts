import { METHODS } from 'node:http';
import createRouter, { type HTTPMethod } from 'find-my-way';
import { ApiError } from '../domain/api-error.ts';
import type { AccessNeed } from './route-access.ts';
import { shownPath } from './shown-path.ts';

export interface Route {
  readonly method: string;
  /** The route pattern, such as `/v1/generations/:id`. */
  readonly url: string;
  readonly need: AccessNeed;
}

/** How paths match routes. A doubled or trailing slash is a slip of a client that joins URLs, and can mean nothing else. */
export const ROUTER_OPTIONS = { ignoreDuplicateSlashes: true, ignoreTrailingSlash: true } as const;

/** The registered routes, to tell a request that matches none why. Fastify looks up one method only. */
export class Routes {
  readonly #router = createRouter({ ...ROUTER_OPTIONS, onBadUrl: () => undefined });
  readonly #methods = new Set<HTTPMethod>();
  readonly #seen = new Set<string>();
  readonly #all: Route[] = [];

  /** Every route that was registered. */
  get all(): readonly Route[] {
    return this.#all;
  }

  add(route: Route): void {
    this.#all.push(route);
    const { method, url, need } = route;
    const known = METHODS.find((name) => name === method) as HTTPMethod | undefined;
    const key = `${method} ${url.replace(/(?<=.)\/$/, '')}`;
    if (known === undefined || this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#methods.add(known);
    this.#router.on(known, url, () => undefined, { need });
  }

  /** The methods that a path has, with what each requires. */
  at(path: string): ReadonlyMap<string, AccessNeed> {
    const found = [...this.#methods].flatMap((method): [string, AccessNeed][] => {
      const store = this.#router.find(method, path)?.store as { readonly need: AccessNeed } | null | undefined;
      return !store ? [] : [[method, store.need]];
    });
    return new Map(found);
  }
}

/** The response to a request without a route: 405 if its path has others, else 404. */
export function noSuchRoute(method: string, url: string, methods: Iterable<string>): ApiError {
  const route = `${method} ${shownPath(url)}`;
  const allowed = [...methods].toSorted().join(', ');
  if (allowed === '') {
    const message = `No such route: ${route}. /docs lists all routes.`;
    return new ApiError(message, { status: 404, type: 'not_found_error', code: 'not_found' });
  }
  return new ApiError(`No such method: ${route}. This path has ${allowed}.`, {
    status: 405,
    type: 'invalid_request_error',
    code: 'method_not_allowed',
    headers: { allow: allowed },
  });
}
