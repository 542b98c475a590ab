import { Module } from '@nestjs/common';
import { GenerationsModule } from '../generations/generations.module.ts';
import { ImagesModule } from '../images/images.module.ts';
import { ExportsController } from './exports.controller.ts';
import { ExportsService } from './exports.service.ts';

/** Archives of what was generated. */
@Module({
  imports: [GenerationsModule, ImagesModule],
  controllers: [ExportsController],
  providers: [ExportsService],
})
export class ExportsModule {}
