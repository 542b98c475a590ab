/** The job that makes what an older version recorded searchable. */
export const REINDEX = 'reindex';

/** The job that counts what an older version recorded. */
export const STATISTICS = 'statistics';
