import { Module } from '@nestjs/common';
import { ImagesModule } from '../images/images.module.ts';
import { ThumbnailRowsModule } from './thumbnail-rows.module.ts';
import { ThumbnailsService } from './thumbnails.service.ts';

/** Thumbnails of images, rendered on demand. */
@Module({ imports: [ImagesModule, ThumbnailRowsModule], providers: [ThumbnailsService], exports: [ThumbnailsService] })
export class ThumbnailsModule {}
