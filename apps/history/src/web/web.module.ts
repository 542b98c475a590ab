import { Module, type DynamicModule } from '@nestjs/common';
import { GalleryController } from './gallery.controller.ts';
import { GalleryFiles } from './gallery-files.ts';

/** The page at `/`. */
@Module({})
export class WebModule {
  /** `folder`: the built gallery; null if it is not built. */
  static for(folder: string | null): DynamicModule {
    return {
      module: WebModule,
      controllers: [GalleryController],
      providers: [{ provide: GalleryFiles, useFactory: () => GalleryFiles.read(folder) }],
    };
  }
}
