import { appendFileSync, renameSync, statSync } from 'node:fs';

const largestBytes = 16 * 1024 * 1024;

/** A log file that is cut in two when it is large: the newer part has the name, the older one the name with `.1`. */
export class LogFile {
  readonly path: string;
  #size: number;

  /** Appends to `path`; its folder must exist. */
  constructor(path: string) {
    this.path = path;
    this.#size = sizeOf(path);
  }

  /** Appends a line, which ends with a line feed. A log that cannot be written must not stop the work: it is passed over. */
  write(line: string): void {
    try {
      if (this.#size >= largestBytes) this.rotate();
      appendFileSync(this.path, line, { mode: 0o600 });
      this.#size += Buffer.byteLength(line);
    } catch {
      // A full disk, most likely. The next line tries again.
    }
  }

  /** Puts a file that is large aside. */
  rotate(): void {
    if (sizeOf(this.path) >= largestBytes) renameSync(this.path, `${this.path}.1`);
    this.#size = 0;
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
