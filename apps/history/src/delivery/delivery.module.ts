import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.ts';
import { GenerationsModule } from '../generations/generations.module.ts';
import { ImagesModule } from '../images/images.module.ts';
import { LinksModule } from '../links/links.module.ts';
import { ThumbnailsModule } from '../thumbnails/thumbnails.module.ts';
import { ImageAccess } from './image-access.ts';
import { ImagesController } from './images.controller.ts';

/** Serves images to browsers and tools. */
@Module({
  imports: [AccessModule, GenerationsModule, ImagesModule, LinksModule, ThumbnailsModule],
  controllers: [ImagesController],
  providers: [ImageAccess],
})
export class DeliveryModule {}
