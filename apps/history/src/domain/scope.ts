/** What a caller may read and change: everything in one project and nothing else. Part of the SQL of every public read and write. */
export interface Scope {
  readonly projectId: string;
}
