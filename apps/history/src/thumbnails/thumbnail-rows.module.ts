import { Module } from '@nestjs/common';
import { ThumbhashesRepository } from './thumbhashes.repository.ts';
import { ThumbnailsRepository } from './thumbnails.repository.ts';

/** The rows of thumbnails and thumbhashes without the renderer: for commands that only maintain stored files. */
@Module({
  providers: [ThumbhashesRepository, ThumbnailsRepository],
  exports: [ThumbhashesRepository, ThumbnailsRepository],
})
export class ThumbnailRowsModule {}
