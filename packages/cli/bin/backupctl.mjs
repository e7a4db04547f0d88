#!/usr/bin/env node
// Runs on the machine's own Node, from version 20 on, and hands over to the one that comes with the project.
import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** TypeScript runs by type stripping, and node:sqlite and zstd are mature, from here on. */
const NEEDED_NODE = 24;

const findNode = () => {
  try {
    const manifest = createRequire(import.meta.url).resolve(`node-${process.platform}-${process.arch}/package.json`);
    const pinned = join(dirname(manifest), 'bin', 'node');
    if (existsSync(pinned)) return pinned;
  } catch {
    // No Node comes with the project for this machine.
  }
  return Number.parseInt(process.versions.node, 10) >= NEEDED_NODE ? process.execPath : null;
};

const fail = (sentence) => {
  process.stderr.write(`error NODE_NOT_AVAILABLE: ${sentence}\n`);
  process.stderr.write(`hint: Run \`npm install\` in the project's folder, or install Node ${NEEDED_NODE} or newer.\n`);
  process.exitCode = 1;
};

const node = findNode();
if (node === null) {
  fail(`no Node ${NEEDED_NODE} comes with the project here, and this machine's is ${process.versions.node}`);
} else {
  const packageFolder = join(dirname(fileURLToPath(import.meta.url)), '..');
  const entry = join(packageFolder, 'src', 'main.ts');
  // Compiled code is kept, which halves the time to start. Not in the system's folder for temporary files, where
  // somebody else could put code into it.
  const compileCache = join(packageFolder, '..', '..', 'node_modules', '.cache', 'compiled');
  // A larger nursery takes memory and saves no time.
  const flags = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=4'];
  const args = [...flags, entry, ...process.argv.slice(2)];
  // Memory of half a MiB and more goes back to the system as soon as it is let go. By itself glibc raises this bound up to
  // 32 MiB, keeps packs, and cuts them up for smaller things.
  const env = { NODE_COMPILE_CACHE: compileCache, MALLOC_MMAP_THRESHOLD_: '524288', ...process.env };
  // Where this is that Node already, as under npx, the program takes this process's place. A Node that turned out not to
  // run could not be reported from there.
  if (process.execve !== undefined && realpathSync(node) === process.execPath) {
    process.execve(node, [node, ...args], env);
  }
  const child = spawn(node, args, { stdio: 'inherit', env });
  // From a terminal Ctrl-C reaches the child twice, from there and from here; it takes both for one.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.once('error', (error) => fail(`${node} cannot be run: ${error.message}`));
  child.once('exit', (status, signal) => {
    process.exitCode = signal === null ? status : 128 + constants.signals[signal];
  });
}
