import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.ts';
import { DispatchModule } from '../dispatch/dispatch.module.ts';
import { GenerationsModule } from '../generations/generations.module.ts';
import { ImagesModule } from '../images/images.module.ts';
import { LedgerModule } from '../ledger/ledger.module.ts';
import { LinksModule } from '../links/links.module.ts';
import { ActionsController } from './actions.controller.ts';
import { AdmissionService } from './admission/admission.service.ts';
import { OwnImagesService } from './admission/own-images.service.ts';
import { RerunService } from './admission/rerun.service.ts';
import { GenerateController } from './generate.controller.ts';
import { GenerationExchange } from './generation-exchange.service.ts';
import { ArrivalOrder } from './intake/arrival-order.ts';
import { IntakeService } from './intake/intake.service.ts';
import { ModelsController } from './models.controller.ts';
import { ModelsService } from './models.service.ts';
import { RerunController } from './rerun.controller.ts';
import { ReplayService } from './response/replay.service.ts';
import { ResponseImagesService } from './response/response-images.service.ts';
import { GenerationRunner } from './run/generation-runner.service.ts';
import { QueueConsumer } from './run/queue-consumer.service.ts';
import { ResultsService } from './run/results.service.ts';
import { RunRegistry } from './run/run-registry.ts';
import { StoredRequests } from './run/stored-requests.service.ts';
import { UpstreamCall } from './run/upstream-call.service.ts';
import { Resends } from './submit/resends.service.ts';
import { SubmitService } from './submit/submit.service.ts';

/** Serves the upstream's own API: receives a request, records it, runs it and responds. */
@Module({
  imports: [AccessModule, DispatchModule, GenerationsModule, ImagesModule, LedgerModule, LinksModule],
  controllers: [GenerateController, RerunController, ModelsController, ActionsController],
  providers: [
    AdmissionService,
    ArrivalOrder,
    GenerationExchange,
    GenerationRunner,
    IntakeService,
    ModelsService,
    OwnImagesService,
    QueueConsumer,
    Resends,
    ReplayService,
    RerunService,
    ResponseImagesService,
    ResultsService,
    RunRegistry,
    StoredRequests,
    SubmitService,
    UpstreamCall,
  ],
  exports: [QueueConsumer, RunRegistry, SubmitService],
})
export class GatewayModule {}
