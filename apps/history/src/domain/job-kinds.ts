/** The job that makes what an older version recorded searchable. */
export const REINDEX = 'reindex';
