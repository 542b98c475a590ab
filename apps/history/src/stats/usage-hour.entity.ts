import { Column, Entity, PrimaryColumn } from 'typeorm';
import { wholeNumber } from '../domain/whole-number.ts';

/** The API key of what was sent with the admin key, or without any. */
export const NO_API_KEY = '00000000-0000-0000-0000-000000000000';

/** Figures of the generations of a model that were created in an hour. */
abstract class UsageFigures {
  @PrimaryColumn('uuid', { name: 'project_id' })
  projectId!: string;

  /** Its start. */
  @PrimaryColumn({ type: 'timestamptz', precision: 0 })
  hour!: Date;

  @PrimaryColumn('text')
  model!: string;

  @PrimaryColumn('boolean')
  simulated!: boolean;

  /** Whether these are the figures of what was deleted for good. */
  @PrimaryColumn('boolean', { name: 'is_purged' })
  isPurged!: boolean;

  @Column('bigint', { transformer: wholeNumber })
  succeeded!: number;

  @Column('bigint', { transformer: wholeNumber })
  failed!: number;

  @Column('bigint', { transformer: wholeNumber })
  canceled!: number;

  /** Ended with the outcome `unknown`. */
  @Column('bigint', { transformer: wholeNumber })
  unknown!: number;

  @Column('bigint', { transformer: wholeNumber })
  images!: number;

  @Column('bigint', { name: 'stored_bytes', transformer: wholeNumber })
  storedBytes!: number;

  /** What was billed, in millionths by `cost:<currency>`, without zeros. */
  @Column('jsonb')
  costs!: Readonly<Record<string, number>>;

  /**
   * Of those that failed, by `failure:<code>`. The hour knows at most 20 codes, all others are `other`. One that it knows stays, also at zero:
   * what is removed later is taken from where it was counted.
   */
  @Column('jsonb')
  failures!: Readonly<Record<string, number>>;

  /** How many latencies each bucket has, in one number: see `packedLatencySql`. */
  @Column('numeric')
  latencies!: string;
}

/** By all that figures are grouped by. */
@Entity({ name: 'usage_hour' })
export class UsageHourEntity extends UsageFigures {
  /** One of the 50 most used of the hour, or `other`. */
  @PrimaryColumn('text')
  source!: string;

  @PrimaryColumn('uuid', { name: 'api_key_id' })
  apiKeyId!: string;
}

/** By model alone. */
@Entity({ name: 'usage_hour_model' })
export class UsageHourModelEntity extends UsageFigures {}

/** How many images of an hour are neither in the bin nor deleted for good. */
@Entity({ name: 'visible_images_hour' })
export class VisibleImagesHourEntity {
  @PrimaryColumn('uuid', { name: 'project_id' })
  projectId!: string;

  @PrimaryColumn({ type: 'timestamptz', precision: 0 })
  hour!: Date;

  @Column('bigint', { transformer: wholeNumber })
  images!: number;
}
