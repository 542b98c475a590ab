import { Module } from '@nestjs/common';
import { ThumbnailsRepository } from './thumbnails.repository.ts';

/** Which thumbnails there are, without what makes them: for commands that only look after stored files. */
@Module({ providers: [ThumbnailsRepository], exports: [ThumbnailsRepository] })
export class ThumbnailRowsModule {}
