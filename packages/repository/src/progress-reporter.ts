import type { Clock } from '@enterprise-backup/contracts/clock';
import type { Phase, TaskProgress } from '@enterprise-backup/contracts/progress';

/** Takes progress; called a few times a second at most. */
export type ProgressListener = (progress: TaskProgress) => void;

const interval = 200;

/** Counts progress and tells a listener: at each change of phase, and otherwise at most five times a second. */
export class ProgressReporter {
  readonly #clock: Clock;
  readonly #listener: ProgressListener | undefined;
  #progress: TaskProgress = { phase: 'opening', bytes_done: 0, bytes_total: null, files_done: 0, files_total: null };
  #toldAt = 0;

  constructor(clock: Clock, listener: ProgressListener | undefined) {
    this.#clock = clock;
    this.#listener = listener;
  }

  /** Enters a phase. Counts go on; `restart` sets them to zero for work that is measured anew. */
  enter(phase: Phase, restart = false): void {
    this.#progress = { ...this.#progress, phase, ...(restart ? { bytes_done: 0, files_done: 0 } : {}) };
    this.#tell();
  }

  /** Makes the totals known. */
  expect(bytes: number, files: number): void {
    this.#progress = { ...this.#progress, bytes_total: bytes, files_total: files };
    this.#tellIfDue();
  }

  /** Adds work that is done. */
  add(bytes: number, files: number): void {
    const { bytes_done, files_done } = this.#progress;
    this.#progress = { ...this.#progress, bytes_done: bytes_done + bytes, files_done: files_done + files };
    this.#tellIfDue();
  }

  #tellIfDue(): void {
    if (this.#clock.now().getTime() - this.#toldAt >= interval) this.#tell();
  }

  #tell(): void {
    this.#toldAt = this.#clock.now().getTime();
    const { bytes_done, bytes_total, files_done, files_total } = this.#progress;
    // A file that grew after it was counted must not show more than everything.
    this.#listener?.({
      ...this.#progress,
      bytes_done: Math.min(bytes_done, bytes_total ?? bytes_done),
      files_done: Math.min(files_done, files_total ?? files_done),
    });
  }
}
