import { Module } from '@nestjs/common';
import { LinksModule } from '../links/links.module.ts';
import { GenerationEventsController } from './generation-events.controller.ts';
import { GenerationsController } from './generations.controller.ts';
import { GenerationsRepository } from './generations.repository.ts';
import { GenerationsService } from './generations.service.ts';
import { WatchService } from './watch.service.ts';
import { WatcherSlots } from './watcher-slots.ts';

/** Read access to generations: lists, records, events. */
@Module({
  imports: [LinksModule],
  controllers: [GenerationsController, GenerationEventsController],
  providers: [GenerationsRepository, GenerationsService, WatchService, WatcherSlots],
  exports: [GenerationsRepository, GenerationsService, WatchService],
})
export class GenerationsModule {}
