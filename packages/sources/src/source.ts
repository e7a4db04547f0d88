/** What a source promises to be when it was checked. */
export interface CheckedSource {
  /** The folder that the engine reads: absolute, without symbolic links. */
  readonly folder: string;
}

/** A system that can be protected. One adapter for each kind of settings. */
export interface Source {
  /**
   * Finds out, without changing anything, whether a backup of this source into the repository at `repositoryLocation`
   * can start. Throws PlatformError: SOURCE_MISSING, SOURCE_UNREADABLE, REPOSITORY_INSIDE_SOURCE or REQUEST_INVALID.
   * The source may still change after it: the engine reports what it then cannot read.
   */
  check(repositoryLocation: string): Promise<CheckedSource>;
}
