import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The key that signs image URLs where no setting gives one: what all replicas share is the database. */
@Entity({ name: 'signing_key' })
export class SigningKeyEntity {
  @PrimaryColumn('text')
  id!: string;

  @Column('text')
  secret!: string;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  createdAt!: Date;
}
