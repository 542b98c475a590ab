import { Module } from '@nestjs/common';
import { ThumbnailsRepository } from './thumbnails.repository.ts';

/** The rows of thumbnails without the renderer: for commands that only maintain stored files. */
@Module({ providers: [ThumbnailsRepository], exports: [ThumbnailsRepository] })
export class ThumbnailRowsModule {}
