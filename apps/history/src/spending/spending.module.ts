import { Module } from '@nestjs/common';
import { SPENDING_CONFIG, type SpendingConfig } from '../config/slices.ts';
import { Prices } from './prices.ts';
import { SpendRepository } from './spend.repository.ts';
import { SpendService } from './spend.service.ts';

/** Costs of generations, and spend limits of API keys. */
@Module({
  providers: [
    { provide: Prices, useFactory: (config: SpendingConfig) => new Prices(config), inject: [SPENDING_CONFIG] },
    SpendRepository,
    SpendService,
  ],
  exports: [Prices, SpendRepository, SpendService],
})
export class SpendingModule {}
