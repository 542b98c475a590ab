import { Controller, Get, Header, Headers, Inject, Query } from '@nestjs/common';
import { Access } from '../access/access.ts';
import { DEFAULT_PROJECT_ID } from '../domain/project-id.ts';
import { GenerationsService } from '../generations/generations.service.ts';
import { ServiceAddress } from '../links/service-address.ts';
import { homePage } from './home-page.ts';
import { languageOf } from './language.ts';

/** What the page has to know of how the service runs. */
export interface HomeFacts {
  /** Base URL of the upstream; null where images are simulated. */
  readonly upstream: string | null;
  readonly keyed: boolean;
}

export const HOME_FACTS = Symbol('HOME_FACTS');

const NEWEST = 12;

@Controller()
export class HomeController {
  constructor(
    private readonly generations: GenerationsService,
    private readonly address: ServiceAddress,
    @Inject(HOME_FACTS) private readonly facts: HomeFacts,
  ) {}

  @Get()
  @Access('public')
  @Header('content-type', 'text/html; charset=utf-8')
  @Header(
    'content-security-policy',
    "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  )
  @Header('x-content-type-options', 'nosniff')
  @Header('vary', 'accept-language')
  async home(
    @Query('lang') lang: unknown,
    @Headers('accept-language') acceptLanguage: string | undefined,
  ): Promise<string> {
    const newest = this.facts.keyed
      ? []
      : (await this.generations.list({ projectId: DEFAULT_PROJECT_ID }, { limit: NEWEST })).data;
    return homePage({
      ...this.facts,
      language: languageOf(lang, acceptLanguage),
      publicUrl: this.address.publicUrl,
      newest,
    });
  }
}
