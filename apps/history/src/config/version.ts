import { readFileSync } from 'node:fs';

/** What runs here. */
export interface Version {
  /** Of the package. */
  readonly version: string;
  /** The Git commit that it was built from, `-dirty` if files had been changed since; null if it was not built in a Git repository. */
  readonly commit: string | null;
}

/** `src` and `dist` are equally deep, so the manifest has the same path from both. The build writes the commit into `dist`. */
const { version } = read<{ readonly version: string }>('../../package.json');
const { commit } = read<Pick<Version, 'commit'>>('../commit.json', { commit: null });

export const VERSION: Version = { version, commit };

/** Both as one semantic version, such as `1.4.0+36cabfd21a0c`. */
export const VERSION_TEXT = commit === null ? version : `${version}+${commit}`;

/** Reads a JSON file beside this one. Throws if it is missing, unless there is another value for that. */
function read<T>(path: string, missing?: T): T {
  try {
    return JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as T;
  } catch (error) {
    if (missing !== undefined && error instanceof Error && 'code' in error && error.code === 'ENOENT') return missing;
    throw error;
  }
}
