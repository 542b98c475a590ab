export interface Setup {
  readonly upstream: string;
  /** URL of an empty or migrated database. */
  readonly databaseUrl: string;
  /** For data, images and logs. */
  readonly folder: string;
}
