import type { Invocation } from '../measure/run-measured.ts';

/** A repository of one engine in the benchmark. */
export interface BenchmarkRepository {
  /** What the engine is told: a folder, or for S3 what `s3` says. */
  readonly folder: string;
  /** The same in S3, or null for a folder. */
  readonly s3: S3Place | null;
  /** Folder that is the engine's home: its caches and settings, empty for a new repository. */
  readonly home: string;
  /** Absolute path of a file that holds the password. */
  readonly passwordFile: string;
}

/** A place in an S3 service. */
export interface S3Place {
  /** For example `http://127.0.0.1:9000`. */
  readonly endpoint: string;
  readonly bucket: string;
  readonly prefix: string;
  readonly accessKey: string;
  readonly secretKey: string;
}

/** What is to be run, without the environment and folder that all engines share. */
export interface Command {
  readonly args: readonly string[];
  /** In addition to what every program gets. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Working folder, where it matters. */
  readonly folder?: string;
}

/** A program that makes backups, as a person would use it with its default settings, encryption on. */
export interface Engine {
  /** With its version, as `restic 0.18.1`. */
  readonly name: string;
  /** Absolute path of the program. */
  readonly program: string;
  readonly speaksS3: boolean;
  /** Whether stock restic can read its repositories, which it is then made to. */
  readonly resticFormat: boolean;
  /** Makes an empty repository; several commands where it needs settings for the same class of compression. */
  init(repository: BenchmarkRepository): readonly Command[];
  backup(repository: BenchmarkRepository, source: string): Command;
  /** Lists points; `readPoints` finds their ids in what it prints, oldest first. */
  listPoints(repository: BenchmarkRepository): Command;
  readPoints(output: string): string[];
  /** Restores all of a point of `source` into the empty folder `target`. */
  restore(repository: BenchmarkRepository, point: string, source: string, target: string): Command;
  /** The same for one file of it, by its path relative to the source. */
  restoreFile(repository: BenchmarkRepository, point: string, source: string, file: string, target: string): Command;
  /** The folder in which `restore` puts what was in `source`. */
  restoredFolder(source: string, target: string): string;
  /** Where `restoreFile` puts the file. */
  restoredFile(source: string, file: string, target: string): string;
  /** Reads and verifies all data. */
  check(repository: BenchmarkRepository): Command;
  /** Drops points without freeing space. */
  forget(repository: BenchmarkRepository, points: readonly string[]): readonly Command[];
  /** Frees the space of what no point needs, at once. */
  prune(repository: BenchmarkRepository): Command;
}

/** Everything that runs in the benchmark gets this environment and no more; `path` is the machine's PATH. */
export function invocationOf(
  engine: Engine,
  repository: BenchmarkRepository,
  command: Command,
  path: string,
): Invocation {
  const { s3, home } = repository;
  const credentials: Record<string, string> =
    s3 === null
      ? {}
      : { AWS_ACCESS_KEY_ID: s3.accessKey, AWS_SECRET_ACCESS_KEY: s3.secretKey, AWS_REGION: 'us-east-1' };
  return {
    program: engine.program,
    args: command.args,
    environment: { PATH: path, HOME: home, LANG: 'C.UTF-8', TZ: 'UTC', ...credentials, ...command.environment },
    folder: command.folder ?? home,
  };
}
