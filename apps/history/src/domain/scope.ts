/** What a caller may see and change: all of one project and nothing else. Ends in the SQL of every public read and write. */
export interface Scope {
  readonly projectId: string;
}
