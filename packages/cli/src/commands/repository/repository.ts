import type { Command } from 'commander';
import type { Execute } from '../../command-context.ts';
import { addBackup } from './backup.ts';
import { addCheck } from './check.ts';
import { addInit } from './init.ts';
import { addListFiles } from './list-files.ts';
import { addRestore } from './restore.ts';
import { addSnapshots } from './snapshots.ts';

/** Adds `backupctl repository`: the engine alone, on any restic repository, with no platform running. */
export function addRepository(program: Command, execute: Execute): void {
  const parent = program.command('repository').description('work on a restic repository itself, without a platform');
  for (const add of [addInit, addBackup, addRestore, addSnapshots, addListFiles, addCheck]) add(parent, execute);
}
