import { Module } from '@nestjs/common';
import { LinksModule } from '../links/links.module.ts';
import { GenerationEventsController } from './generation-events.controller.ts';
import { GenerationsController } from './generations.controller.ts';
import { GenerationsRepository } from './generations.repository.ts';
import { GenerationsService } from './generations.service.ts';
import { ImageRecordsController } from './images.controller.ts';
import { LineageRepository } from './lineage.repository.ts';
import { ListsRepository } from './lists.repository.ts';
import { ListsService } from './lists.service.ts';
import { RecordsRepository } from './records.repository.ts';
import { SearchProgressRepository } from './search-progress.repository.ts';
import { TextSearchRepository } from './text-search.repository.ts';
import { WatchService } from './watch.service.ts';
import { WatcherSlots } from './watcher-slots.ts';

/** Read access to generations: lists, records, events. */
@Module({
  imports: [LinksModule],
  controllers: [GenerationsController, GenerationEventsController, ImageRecordsController],
  providers: [
    GenerationsRepository,
    GenerationsService,
    LineageRepository,
    ListsRepository,
    ListsService,
    RecordsRepository,
    SearchProgressRepository,
    TextSearchRepository,
    WatchService,
    WatcherSlots,
  ],
  exports: [
    GenerationsRepository,
    GenerationsService,
    ListsRepository,
    ListsService,
    SearchProgressRepository,
    WatchService,
  ],
})
export class GenerationsModule {}
