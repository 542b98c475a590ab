import type { GenerationRecord } from '@wan-image/core';
import { Controller, Get, Header, Headers, Inject, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Access } from '../http/route-access.ts';
import { DEFAULT_PROJECT_ID } from '../domain/project-id.ts';
import { ListsService } from '../generations/lists.service.ts';
import { ServiceAddress } from '../links/service-address.ts';
import { homePage } from './home-page.ts';
import { chosenLanguage, languageCookie, languageOf } from './language.ts';

/** Facts about the running service that the page shows. */
export interface HomeFacts {
  /** Base URL of the upstream; null for simulated images. */
  readonly upstream: string | null;
  /** Whether requests need an API key. */
  readonly keyed: boolean;
}

export const HOME_FACTS = Symbol('HOME_FACTS');

const NEWEST = { limit: 12, cursor: null, order: 'desc', count: false } as const;

@Controller()
export class HomeController {
  constructor(
    private readonly lists: ListsService,
    private readonly address: ServiceAddress,
    @Inject(HOME_FACTS) private readonly facts: HomeFacts,
  ) {}

  @Get()
  @Access('public')
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('vary', 'accept-language, cookie')
  @Header('cache-control', 'private, no-cache')
  async home(
    @Query('lang') requested: unknown,
    @Headers('cookie') cookie: string | undefined,
    @Headers('accept-language') acceptLanguage: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const { publicUrl } = this.address;
    const chosen = chosenLanguage(requested);
    if (chosen !== null) void reply.header('set-cookie', languageCookie(chosen, publicUrl.startsWith('https:')));
    const newest = this.facts.keyed ? [] : await this.#newest();
    return homePage({
      ...this.facts,
      language: languageOf({ requested, cookie, acceptLanguage }),
      publicUrl,
      newest,
    });
  }

  async #newest(): Promise<readonly GenerationRecord[]> {
    const page = await this.lists.generations({ projectId: DEFAULT_PROJECT_ID }, { page: NEWEST, filter: {} });
    return (await page.list()).data;
  }
}
