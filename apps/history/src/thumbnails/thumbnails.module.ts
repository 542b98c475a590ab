import { Module } from '@nestjs/common';
import { ImagesModule } from '../images/images.module.ts';
import { ThumbnailRowsModule } from './thumbnail-rows.module.ts';
import { ThumbhashesService } from './thumbhashes.service.ts';
import { ThumbnailsService } from './thumbnails.service.ts';

/** Thumbnails of images, rendered on demand, and their thumbhashes. */
@Module({
  imports: [ImagesModule, ThumbnailRowsModule],
  providers: [ThumbhashesService, ThumbnailsService],
  exports: [ThumbnailsService],
})
export class ThumbnailsModule {}
