import { Column, Entity, PrimaryColumn } from 'typeorm';
import { wholeNumber } from '../domain/whole-number.ts';

/**
 * What a key with a spend limit has spent in a period, and the amount reserved for generations in flight; in millionths of the currency.
 */
@Entity({ name: 'key_spend' })
export class KeySpendEntity {
  @PrimaryColumn('uuid', { name: 'api_key_id' })
  apiKeyId!: string;

  @PrimaryColumn({ type: 'timestamptz', name: 'period_start', precision: 3 })
  periodStart!: Date;

  @Column('bigint', { transformer: wholeNumber })
  reserved!: number;

  @Column('bigint', { transformer: wholeNumber })
  spent!: number;
}
