import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The rate limit state of a key (GCRA): `next_at` is when its next request would be due if its requests were evenly spaced. */
@Entity({ name: 'key_rate' })
export class KeyRateEntity {
  @PrimaryColumn('uuid', { name: 'api_key_id' })
  apiKeyId!: string;

  @Column({ type: 'timestamptz', name: 'next_at', precision: 6 })
  nextAt!: Date;
}
