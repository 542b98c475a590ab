import { Module, type DynamicModule } from '@nestjs/common';
import { GenerationsModule } from '../generations/generations.module.ts';
import { LinksModule } from '../links/links.module.ts';
import { HOME_FACTS, HomeController, type HomeFacts } from './home.controller.ts';

/** The page at `/`. */
@Module({})
export class WebModule {
  static for(facts: HomeFacts): DynamicModule {
    return {
      module: WebModule,
      imports: [GenerationsModule, LinksModule],
      controllers: [HomeController],
      providers: [{ provide: HOME_FACTS, useValue: facts }],
    };
  }
}
