import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { AccessModule } from '../access/access.module.ts';
import { BackgroundJobsModule } from '../background-jobs/background-jobs.module.ts';
import { DeliveryModule } from '../delivery/delivery.module.ts';
import { DispatchModule } from '../dispatch/dispatch.module.ts';
import { ExportsModule } from '../exports/exports.module.ts';
import { GatewayModule } from '../gateway/gateway.module.ts';
import { GenerationsModule } from '../generations/generations.module.ts';
import { HealthModule } from '../health/health.module.ts';
import { LibraryModule } from '../library/library.module.ts';
import { ErrorFilter } from '../http/error.filter.ts';
import { StatsModule } from '../stats/stats.module.ts';
import { UsageModule } from '../stats/usage.module.ts';
import { RetentionModule } from '../retention/retention.module.ts';
import { SweepModule } from '../sweep/sweep.module.ts';
import { UpstreamModule } from '../upstream/upstream.module.ts';
import { WebModule } from '../web/web.module.ts';
import { WebhooksModule } from '../webhooks/webhooks.module.ts';
import { PlatformModule } from './platform.module.ts';
import type { Resources, ServeResources } from './resources.ts';

/** The root module, one variant per kind of process. A feature is one folder and one line here. */
@Module({})
export class AppModule {
  /** The service: HTTP, the queue, periodic tasks. */
  static forServe(resources: ServeResources, galleryFolder: string | null): DynamicModule {
    const { logger, upstream } = resources;
    return {
      module: AppModule,
      imports: [
        PlatformModule.forServe(resources),
        UpstreamModule.forUpstream(upstream),
        AccessModule,
        BackgroundJobsModule,
        DeliveryModule,
        DispatchModule,
        ExportsModule,
        GatewayModule,
        GenerationsModule,
        HealthModule,
        LibraryModule,
        StatsModule,
        RetentionModule,
        SweepModule,
        WebModule.for(galleryFolder),
        WebhooksModule,
      ],
      providers: [{ provide: APP_FILTER, useValue: new ErrorFilter(logger) }],
    };
  }

  /** Command-line tools, which neither generate images nor serve HTTP. */
  static forCli(resources: Resources): DynamicModule {
    return { module: AppModule, imports: [PlatformModule.forCli(resources), DispatchModule, SweepModule, UsageModule] };
  }
}
