/** One folder under dist/ that is shipped as it is. */
export interface BundleDefinition {
  /** The folder's name. */
  readonly name: string;
  /** Source files that become a file each, by the name of that file without its ending. */
  readonly entries: Readonly<Record<string, string>>;
  /** Patterns of further source files that are loaded by address, each under its own file name: worker threads. */
  readonly workers: readonly string[];
  /** Ending of the files: a Lambda's is told apart by it, while workers are looked for as `.js`. */
  readonly ending: '.mjs' | '.js';
  /** Whether it calls the C library by way of koffi, whose binaries no bundler can take in. */
  readonly usesKoffi: boolean;
}

/** Everything the project ships. The handler of a Lambda is `lambda.handler`. */
export const bundleDefinitions: readonly BundleDefinition[] = [
  {
    name: 'orchestrator',
    entries: { lambda: 'packages/orchestrator/src/lambda.ts' },
    workers: [],
    ending: '.mjs',
    usesKoffi: false,
  },
  {
    name: 'recovery',
    entries: { lambda: 'packages/recovery/src/lambda.ts' },
    workers: [],
    ending: '.mjs',
    usesKoffi: false,
  },
  {
    name: 'agent',
    // Who is called to a machine with an agent works on its repository with what is there.
    entries: { main: 'packages/agent/src/main.ts', backupctl: 'packages/cli/src/repository-main.ts' },
    workers: ['packages/repository/src/**/*-worker.ts'],
    ending: '.js',
    usesKoffi: true,
  },
];
