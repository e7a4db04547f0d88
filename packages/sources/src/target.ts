/** What a target promises to be when it was checked. */
export interface CheckedTarget {
  /** The folder that the engine writes into: absolute, without symbolic links. */
  readonly folder: string;
  /** Whether the folder is there already; otherwise its parent is. */
  readonly exists: boolean;
}

/** What a target must stay clear of. */
export interface TargetSurroundings {
  /** Folder that was protected, absolute; it need not be on this machine. */
  readonly sourceFolder: string;
  readonly repositoryLocation: string;
  /** Whether an earlier attempt of the same recovery may have written into the target already. */
  readonly resuming: boolean;
}

/** A system that recoveries write into. One adapter for each kind of settings. */
export interface Target {
  /**
   * Finds out, without changing anything, whether a recovery into this target can start. Throws PlatformError:
   * TARGET_PATH_INVALID, TARGET_IS_LINK, TARGET_NOT_WRITABLE, TARGET_INSIDE_SOURCE or TARGET_INSIDE_REPOSITORY.
   *
   * A source that was lost may be recovered to its own place: the target may be the source when nothing is in it. While
   * something is in it, only a recovery that is resumed may go on there; another would replace newer files.
   */
  check(surroundings: TargetSurroundings): Promise<CheckedTarget>;
}
