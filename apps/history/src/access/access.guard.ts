import { createHash, timingSafeEqual } from 'node:crypto';
import { Injectable, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { ApiError } from '../http/api-error.ts';

const PUBLIC = 'wan-image:public';

/** Marks a route that needs no key. */
export const Public = (): MethodDecorator & ClassDecorator => SetMetadata(PUBLIC, true);

/** Asks for the admin key where one is set. Where none is, the service is local and open; see `local-access.ts`. */
@Injectable()
export class AccessGuard implements CanActivate {
  readonly #reflector: Reflector;
  readonly #adminKeyHash: Buffer | null;

  constructor(reflector: Reflector, adminApiKey: string | null) {
    this.#reflector = reflector;
    this.#adminKeyHash = adminApiKey === null ? null : sha256(adminApiKey);
  }

  canActivate(context: ExecutionContext): boolean {
    if (this.#adminKeyHash === null) return true;
    if (this.#reflector.getAllAndOverride<boolean>(PUBLIC, [context.getHandler(), context.getClass()])) return true;
    const { authorization = '' } = context.switchToHttp().getRequest<FastifyRequest>().headers;
    const key = /^Bearer\s+(\S+)$/i.exec(authorization)?.[1];
    if (key === undefined)
      throw refused('No API key: send the header "Authorization: Bearer <key>".', 'missing_api_key');
    // Hashes have one length, so the comparison takes the same time for every key.
    if (!timingSafeEqual(sha256(key), this.#adminKeyHash))
      throw refused('The API key is not one of this service.', 'invalid_api_key');
    return true;
  }
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function refused(message: string, code: string): ApiError {
  return new ApiError(message, {
    status: 401,
    type: 'authentication_error',
    code,
    headers: { 'www-authenticate': 'Bearer' },
  });
}
