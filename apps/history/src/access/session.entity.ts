import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/** A browser that has signed in with a key. It may do what that may, and its session ends with it. */
@Entity({ name: 'session' })
@Check('session_check', '(key_hash is null) <> (admin_proof is null)')
export class SessionEntity {
  /** SHA-256 of its id, in hex. The id itself is in the cookie alone. */
  @PrimaryColumn('text')
  hash!: string;

  /** SHA-256 of the API key, in hex; null for the admin key. */
  @Column('text', { name: 'key_hash', nullable: true })
  keyHash!: string | null;

  /**
   * HMAC of the admin key, under the id of the session; null for an API key. People choose that key, so its hash alone could be guessed by
   * whoever reads the database.
   */
  @Column('text', { name: 'admin_proof', nullable: true })
  adminProof!: string | null;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'expires_at', precision: 3 })
  expiresAt!: Date;
}
