import { Module, type DynamicModule } from '@nestjs/common';
import { UPSTREAM_CLIENT, type Upstream } from './upstream.ts';

/** Provides the client of the upstream. */
@Module({})
export class UpstreamModule {
  static forUpstream({ client }: Pick<Upstream, 'client'>): DynamicModule {
    return {
      module: UpstreamModule,
      global: true,
      providers: [{ provide: UPSTREAM_CLIENT, useValue: client }],
      exports: [UPSTREAM_CLIENT],
    };
  }
}
