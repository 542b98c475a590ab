import { parseCreateSession, parseNoQuery, type CreateSessionRequest } from '@wan-image/core';
import { Body, Controller, Delete, HttpCode, Inject, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ACCESS_CONFIG, type AccessConfig } from '../config/slices.ts';
import { contract } from '../http/contract.pipe.ts';
import { isOwnPage, sessionCookieOf, sessionOf } from '../http/credentials.ts';
import { Access } from '../http/route-access.ts';
import { ServiceAddress } from '../links/service-address.ts';
import { foreignSession } from './refusals.ts';
import { SESSION_SECONDS, SessionsService } from './sessions.service.ts';

/** The session of a page, in a cookie that no script reads. */
@Controller('v1/session')
export class SessionController {
  constructor(
    private readonly sessions: SessionsService,
    private readonly address: ServiceAddress,
    @Inject(ACCESS_CONFIG) private readonly config: AccessConfig,
  ) {}

  /**
   * Signs a browser in, always with a new session: one that it had ends, whoever set its cookie. A service without keys needs no session.
   */
  @Post()
  @HttpCode(204)
  @Access('public')
  async begin(
    @Body(contract(parseCreateSession)) { api_key: key }: CreateSessionRequest,
    @Query(contract(parseNoQuery)) _query: object,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    if (!isOwnPage(request, this.address.publicUrl)) throw foreignSession();
    if (this.config.adminApiKey === null) return;
    const session = await this.sessions.begin(key);
    const previous = sessionOf(request, this.address.publicUrl);
    if (previous !== null) await this.sessions.end(previous);
    this.#setCookie(reply, session, SESSION_SECONDS);
  }

  /** Signs it out, also if the session has ended already. */
  @Delete()
  @HttpCode(204)
  @Access('public')
  async end(
    @Query(contract(parseNoQuery)) _query: object,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    if (!isOwnPage(request, this.address.publicUrl)) throw foreignSession();
    const session = sessionOf(request, this.address.publicUrl);
    if (session !== null) await this.sessions.end(session);
    this.#setCookie(reply, '', 0);
  }

  /** No script reads it, no other site sends it and, where the service has TLS, nobody on the way sees it. */
  #setCookie(reply: FastifyReply, value: string, seconds: number): void {
    const { protocol, pathname } = new URL(this.address.publicUrl);
    const secure = protocol === 'https:' ? '; Secure' : '';
    void reply.header(
      'set-cookie',
      `${sessionCookieOf(this.address.publicUrl)}=${value}; Path=${pathname}; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure}`,
    );
    void reply.header('cache-control', 'no-store');
  }
}
