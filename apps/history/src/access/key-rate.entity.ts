import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How much of its rate a key has used: the time at which it would have, were its requests evenly spread (GCRA). */
@Entity({ name: 'key_rate' })
export class KeyRateEntity {
  @PrimaryColumn('uuid', { name: 'api_key_id' })
  apiKeyId!: string;

  @Column({ type: 'timestamptz', name: 'next_at', precision: 6 })
  nextAt!: Date;
}
