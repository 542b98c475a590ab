/** What a caller may read and change: everything in one project and nothing else. Part of the SQL of every public read and write. */
export interface Scope {
  readonly projectId: string;
}

/** In place of the id of a project. */
export const ALL_PROJECTS = Symbol('all projects');

/** What a caller may read: one project, or all of them with the admin key. A {@link Scope} is one, but not the other way around. */
export interface ReadScope {
  readonly projectId: string | typeof ALL_PROJECTS;
}
