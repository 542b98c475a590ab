import type { FastifyRequest } from 'fastify';
import { ApiError } from '../domain/api-error.ts';
import { setCaller, type Caller } from '../http/caller.ts';
import { isAllowedOrigin } from '../http/cors.ts';
import { credentialOf } from '../http/credentials.ts';
import { needOf, type AccessNeed } from '../http/route-access.ts';
import { noSuchRoute, type Routes } from '../http/routes.ts';
import type { KeyCheck } from './key-check.ts';
import { localAccessProblem } from './local-access.ts';

/** What decides on the access of a request. */
export interface RequestAccess {
  /** Whether the service runs without keys, so that requests from web pages of other origins must be refused. */
  readonly keyless: boolean;
  /** Origins of web pages that may use the service; `*` for all. */
  readonly corsOrigins: readonly string[];
  readonly keyCheck: KeyCheck;
  readonly address: { readonly publicUrl: string };
  readonly routes: Pick<Routes, 'at'>;
}

/** Checks that a request may use its route, and sets its caller. Throws the error response otherwise. */
export async function checkAccess(request: FastifyRequest, access: RequestAccess): Promise<void> {
  if (access.keyless) refuseForeignPages(request, access.address.publicUrl, access.corsOrigins);
  // Before the body is parsed, whose type or size says nothing while its path is wrong.
  if (request.is404) return refuseWithoutRoute(request, access);
  const { url, config } = request.routeOptions;
  const need = needOf(url ?? '', config);
  if (need === 'public') return;
  const caller = await access.keyCheck.admit(need, credentialOf(request, access.address.publicUrl));
  setCaller(request, isRead(need, request.method) ? await readingProject(request, caller, access.keyCheck) : caller);
}

/** What only `manage` may see is a read too. */
function isRead(need: AccessNeed, method: string): boolean {
  return need === 'read' || (need === 'manage' && (method === 'GET' || method === 'HEAD'));
}

/** Any key may learn that a route does not exist, and everybody that a public one has other methods. */
async function refuseWithoutRoute(
  request: FastifyRequest,
  { keyCheck, routes, address }: RequestAccess,
): Promise<never> {
  const found = routes.at(request.url.split('?', 1)[0] ?? '');
  if (![...found.values()].includes('public')) {
    await keyCheck.admit('any key', credentialOf(request, address.publicUrl));
  }
  throw noSuchRoute(request.method, request.url, found.keys());
}

/** Takes `project_id` out of the query of any read: who may name which project is a question of access, so no route decides it. */
async function readingProject(request: FastifyRequest, caller: Caller, keyCheck: KeyCheck): Promise<Caller> {
  const query = request.query as Record<string, unknown>;
  if (!('project_id' in query)) return caller;
  const { project_id: projectId, ...others } = query;
  request.query = others;
  return keyCheck.readingProject(caller, projectId);
}

function refuseForeignPages(request: FastifyRequest, publicUrl: string, corsOrigins: readonly string[]): void {
  const { host, origin } = request.headers;
  const site = request.headers['sec-fetch-site'];
  const secFetchSite = typeof site === 'string' ? site : undefined;
  const isAllowed = isAllowedOrigin(origin, corsOrigins);
  const { ownPagesOnly = false } = request.routeOptions.config;
  const problem = localAccessProblem(
    { method: request.method, host, origin, secFetchSite, ownPagesOnly, isAllowed },
    publicUrl,
  );
  if (problem !== null) throw new ApiError(problem, { status: 403, type: 'permission_error', code: 'foreign_page' });
}
