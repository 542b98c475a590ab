import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import type { Logger } from 'pino';
import { DataSource } from 'typeorm';
import { AccessRepository } from '../access/access.repository.ts';
import { AccessService } from '../access/access.service.ts';
import { ApiKeysController } from '../access/api-keys.controller.ts';
import type { KeyCheck } from '../access/key-check.ts';
import { ApiKeyCache } from '../access/api-key-cache.ts';
import { ImageAccess } from '../delivery/image-access.ts';
import { ProjectsController } from '../access/projects.controller.ts';
import { RateRepository } from '../access/rate.repository.ts';
import { RateService } from '../access/rate.service.ts';
import type { Config } from '../config/config.ts';
import { DatabaseCheck } from '../health/database-check.repository.ts';
import { UpstreamCall } from '../gateway/run/upstream-call.service.ts';
import { ActionsController } from '../gateway/actions.controller.ts';
import { QueueConsumer } from '../gateway/run/queue-consumer.service.ts';
import { AnswersService, CANCELS_ON_DISCONNECT } from '../gateway/submit/answers.service.ts';
import { GatewayController } from '../gateway/generate.controller.ts';
import { GenerationRunner } from '../gateway/run/generation-runner.service.ts';
import { DIALECT } from '../gateway/admission/dialect.ts';
import { ARCHIVES_INPUTS, IntakeService, UPLOAD_BUDGET } from '../gateway/intake/intake.service.ts';
import { OwnImagesService } from '../gateway/admission/own-images.service.ts';
import { UploadBudget } from '../gateway/intake/upload-budget.ts';
import { SubmitService } from '../gateway/submit/submit.service.ts';
import { ReplaysService } from '../gateway/response/replays.service.ts';
import { ResponseImagesService } from '../gateway/response/response-images.service.ts';
import { ResultsService } from '../gateway/run/results.service.ts';
import { StoredRequestService } from '../gateway/run/stored-request.service.ts';
import { UpstreamSlots, UPSTREAM_LIMITS } from '../dispatch/upstream-slots.service.ts';
import { GenerationEventsController } from '../generations/generation-events.controller.ts';
import { GenerationsController } from '../generations/generations.controller.ts';
import { OutcomeRecorder } from '../ledger/outcome-recorder.service.ts';
import { GenerationsRepository } from '../generations/generations.repository.ts';
import { WatchService } from '../generations/watch.service.ts';
import { WorkerLeasesRepository } from '../dispatch/work.repository.ts';
import { WorkerLeases } from '../dispatch/worker-leases.service.ts';
import { JobQueue } from '../jobs/job-queue.ts';
import { GenerationsService } from '../generations/generations.service.ts';
import { HealthController } from '../health/health.controller.ts';
import { HOME_FACTS, HomeController } from '../web/home.controller.ts';
import { ErrorFilter } from '../http/error.filter.ts';
import { ServiceAddress } from '../links/service-address.ts';
import { ImagesController } from '../delivery/images.controller.ts';
import { InputArchiveService } from '../images/input-archive.service.ts';
import { createInputDownloads, INPUT_DOWNLOADS } from '../images/input-downloads.ts';
import type { ImageSignatures } from '../links/image-signatures.ts';
import { ImageFilesService } from '../images/image-files.service.ts';
import { SpooledImagesService } from '../images/spooled-images.service.ts';
import { StoredImagesService } from '../images/stored-images.service.ts';
import { Prices } from '../spending/prices.ts';
import { SpendRepository } from '../spending/spend.repository.ts';
import { SpendService } from '../spending/spend.service.ts';
import { IMAGE_STORE, type ImageStore } from '../storage/image-store.ts';
import { SPOOL, type Spool } from '../storage/spool.ts';
import { StorageCheck } from '../storage/storage-check.ts';
import { SweepRepository } from '../sweep/sweep.repository.ts';
import { SweepService } from '../sweep/sweep.service.ts';
import { LOGGER } from '../telemetry/logger.ts';
import { ThumbnailsRepository } from '../thumbnails/thumbnails.repository.ts';
import { ThumbnailsService } from '../thumbnails/thumbnails.service.ts';
import { UPSTREAM_CLIENT, type Upstream } from '../upstream/upstream.ts';

/** What is opened before the application and closed after it; see `start.ts`. */
export interface Resources {
  readonly config: Config;
  readonly logger: Logger;
  readonly dataSource: DataSource;
  readonly store: ImageStore;
  readonly spool: Spool;
  readonly upstream: Upstream;
  readonly jobs: JobQueue;
  readonly address: ServiceAddress;
  readonly signatures: ImageSignatures;
  readonly accessRepository: AccessRepository;
  readonly apiKeyCache: ApiKeyCache;
  readonly keyCheck: KeyCheck;
}

/** Who may do what, and what it costs. */
function accessProviders({ config, signatures, accessRepository, apiKeyCache, keyCheck }: Resources): Provider[] {
  return [
    { provide: AccessRepository, useValue: accessRepository },
    { provide: ApiKeyCache, useValue: apiKeyCache },
    { provide: Prices, useValue: new Prices(config) },
    {
      provide: ImageAccess,
      useFactory: (generations: GenerationsService) => new ImageAccess(signatures, keyCheck, generations),
      inject: [GenerationsService],
    },
    AccessService,
    RateRepository,
    RateService,
    SpendRepository,
    SpendService,
  ];
}

/** What is made of what it names in its constructor. */
const SERVICES = [
  DatabaseCheck,
  GenerationsRepository,
  OutcomeRecorder,
  GenerationsService,
  WorkerLeasesRepository,
  WorkerLeases,
  WatchService,
  UpstreamSlots,
  ImageFilesService,
  StoredImagesService,
  SpooledImagesService,
  InputArchiveService,
  StorageCheck,
  ThumbnailsRepository,
  ThumbnailsService,
  SweepRepository,
  SweepService,
  IntakeService,
  OwnImagesService,
  ResponseImagesService,
  ResultsService,
  ReplaysService,
  SubmitService,
  QueueConsumer,
  StoredRequestService,
  AnswersService,
  UpstreamCall,
  GenerationRunner,
];

/** The composition root: the only file that sees every part. */
@Module({})
export class AppModule {
  static over(resources: Resources): DynamicModule {
    const { config, logger, dataSource, store, spool, upstream, jobs, address } = resources;
    const keyed = config.adminApiKey !== null;
    return {
      module: AppModule,
      controllers: [
        GatewayController,
        GenerationsController,
        GenerationEventsController,
        ActionsController,
        ImagesController,
        HealthController,
        HomeController,
        ProjectsController,
        ApiKeysController,
      ],
      providers: [
        { provide: DataSource, useValue: dataSource },
        { provide: IMAGE_STORE, useValue: store },
        { provide: SPOOL, useValue: spool },
        { provide: UPSTREAM_CLIENT, useValue: upstream.client },
        { provide: CANCELS_ON_DISCONNECT, useValue: config.cancelOnDisconnect },
        { provide: ARCHIVES_INPUTS, useValue: config.archiveInputs },
        { provide: INPUT_DOWNLOADS, useValue: createInputDownloads(config.archivePrivateHosts) },
        { provide: JobQueue, useValue: jobs },
        {
          provide: UPSTREAM_LIMITS,
          useValue: { concurrency: config.upstreamConcurrency, perMinute: config.upstreamPerMinute },
        },
        { provide: LOGGER, useValue: logger },
        { provide: DIALECT, useValue: config },
        { provide: UPLOAD_BUDGET, useValue: new UploadBudget(config.maxUploadBytes) },
        { provide: ServiceAddress, useValue: address },
        ...accessProviders(resources),
        { provide: HOME_FACTS, useValue: { upstream: upstream.simulated ? null : upstream.baseUrl, keyed } },
        { provide: APP_FILTER, useFactory: () => new ErrorFilter(logger) },
        ...SERVICES,
      ],
    };
  }
}
