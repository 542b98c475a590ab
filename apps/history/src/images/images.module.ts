import { Module } from '@nestjs/common';
import { ARCHIVE_CONFIG, type ArchiveConfig } from '../config/slices.ts';
import { GenerationsModule } from '../generations/generations.module.ts';
import { LedgerModule } from '../ledger/ledger.module.ts';
import { BufferedFiles } from './buffered-files.service.ts';
import { ImageFilesService } from './image-files.service.ts';
import { InputArchiveService } from './input-archive.service.ts';
import { createInputDownloads, INPUT_DOWNLOADS } from './input-downloads.ts';
import { PendingImages } from './pending-images.service.ts';
import { SpooledImagesService } from './spooled-images.service.ts';

/** Reads and writes the bytes of images. */
@Module({
  imports: [GenerationsModule, LedgerModule],
  providers: [
    BufferedFiles,
    ImageFilesService,
    InputArchiveService,
    {
      provide: INPUT_DOWNLOADS,
      useFactory: ({ archivePrivateHosts }: ArchiveConfig) => createInputDownloads(archivePrivateHosts),
      inject: [ARCHIVE_CONFIG],
    },
    PendingImages,
    SpooledImagesService,
  ],
  exports: [ImageFilesService, PendingImages],
})
export class ImagesModule {}
