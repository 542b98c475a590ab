import { Module } from '@nestjs/common';
import { UsageRepository } from './usage.repository.ts';

/** The sums of the statistics, for a service and for command-line tools. */
@Module({ providers: [UsageRepository], exports: [UsageRepository] })
export class UsageModule {}
