import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import type { Logger } from 'pino';
import { DataSource } from 'typeorm';
import { PictureAccess } from './access/picture-access.ts';
import type { Config } from './config/config.ts';
import { DatabaseCheck } from './database/database-check.ts';
import { CallsService } from './gateway/calls.service.ts';
import { GatewayController } from './gateway/gateway.controller.ts';
import { GatewayService } from './gateway/gateway.service.ts';
import { DIALECT } from './gateway/intake/dialect.ts';
import { IntakeService, UPLOAD_BUDGET } from './gateway/intake/intake.service.ts';
import { OwnPicturesService } from './gateway/intake/own-pictures.service.ts';
import { UploadBudget } from './gateway/intake/upload-budget.ts';
import { OnceService } from './gateway/once.service.ts';
import { ReplaysService } from './gateway/replays.service.ts';
import { GenerationsController } from './generations/generations.controller.ts';
import { GenerationsRepository } from './generations/generations.repository.ts';
import { GenerationsService } from './generations/generations.service.ts';
import { HealthController } from './health/health.controller.ts';
import { HOME_FACTS, HomeController } from './home/home.controller.ts';
import { ErrorFilter } from './http/error.filter.ts';
import { ServiceAddress } from './http/service-address.ts';
import { ImagesController } from './images/images.controller.ts';
import { PicturesService } from './images/pictures.service.ts';
import { StoredImagesService } from './images/stored-images.service.ts';
import { IMAGE_STORE, type ImageStore } from './storage/image-store.ts';
import { LOGGER } from './telemetry/logger.ts';
import { ThumbnailsRepository } from './thumbnails/thumbnails.repository.ts';
import { ThumbnailsService } from './thumbnails/thumbnails.service.ts';
import { UPSTREAM_CLIENT, type Upstream } from './upstream/upstream.ts';

/** What is opened before the application and closed after it; see `start.ts`. */
export interface Resources {
  readonly config: Config;
  readonly logger: Logger;
  readonly dataSource: DataSource;
  readonly store: ImageStore;
  readonly upstream: Upstream;
  readonly address: ServiceAddress;
  readonly pictureAccess: PictureAccess;
}

/** The composition root: the only file that sees every part. */
@Module({})
export class AppModule {
  static over({ config, logger, dataSource, store, upstream, address, pictureAccess }: Resources): DynamicModule {
    const keyed = config.adminApiKey !== null;
    return {
      module: AppModule,
      controllers: [GatewayController, GenerationsController, ImagesController, HealthController, HomeController],
      providers: [
        { provide: DataSource, useValue: dataSource },
        { provide: IMAGE_STORE, useValue: store },
        { provide: UPSTREAM_CLIENT, useValue: upstream.client },
        { provide: LOGGER, useValue: logger },
        { provide: DIALECT, useValue: config },
        { provide: UPLOAD_BUDGET, useValue: new UploadBudget(config.maxUploadBytes) },
        { provide: ServiceAddress, useValue: address },
        { provide: PictureAccess, useValue: pictureAccess },
        { provide: HOME_FACTS, useValue: { upstream: upstream.simulated ? null : upstream.baseUrl, keyed } },
        { provide: APP_FILTER, useFactory: () => new ErrorFilter(logger) },
        DatabaseCheck,
        GenerationsRepository,
        GenerationsService,
        PicturesService,
        StoredImagesService,
        ThumbnailsRepository,
        ThumbnailsService,
        IntakeService,
        OwnPicturesService,
        ReplaysService,
        OnceService,
        CallsService,
        GatewayService,
      ],
    };
  }
}
