import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A browser that has signed in with a key. */
@Entity({ name: 'session' })
export class SessionEntity {
  /** SHA-256 of its id, in hex. The id itself is in the cookie alone. */
  @PrimaryColumn('text')
  hash!: string;

  /** SHA-256 of the API key or the admin key, in hex: the session may do what that may, and ends with it. */
  @Column('text', { name: 'key_hash' })
  keyHash!: string;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'expires_at', precision: 3 })
  expiresAt!: Date;
}
