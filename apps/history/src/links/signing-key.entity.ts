import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The key that signs image URLs if SIGNING_KEYS is not set. Stored in the database, which all replicas share. */
@Entity({ name: 'signing_key' })
export class SigningKeyEntity {
  @PrimaryColumn('text')
  id!: string;

  @Column('text')
  secret!: string;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  createdAt!: Date;
}
