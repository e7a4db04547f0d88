import { retentionModes, storageClasses } from '@enterprise-backup/repository/s3-options';
import { Option, type Command } from 'commander';
import { collectRate, timestamp } from './rate-values.ts';
import { wholeNumber } from './option-values.ts';

/** Adds the options that hold transfers back. */
export function withLimits(command: Command): Command {
  const up = 'most bytes a second to the repository, such as 10M, or 08:00-18:00=2M for a part of the day; repeatable';
  const down = 'the same for what is read from it';
  return command
    .addOption(new Option('--limit-upload <rate>', up).argParser(collectRate))
    .addOption(new Option('--limit-download <rate>', down).argParser(collectRate))
    .option('--limit-time-zone <zone>', 'time zone of such parts of the day (default: this machine’s)')
    .addOption(
      new Option('--connections <number>', 'most requests to the repository at a time').argParser(wholeNumber(1, 1000)),
    );
}

/** Adds the option that opens a versioned bucket as it stood at a time. */
export function withAsOf(command: Command): Command {
  return command.addOption(
    new Option(
      '--as-of <time>',
      'open a versioned bucket as it stood then (RFC 3339); only for s3: locations',
    ).argParser(timestamp),
  );
}

/** Adds the options for objects that are written to S3. */
export function withUploadOptions(command: Command): Command {
  return command
    .addOption(new Option('--storage-class <class>', 'class of packs in S3').choices(storageClasses))
    .option('--kms-key [key]', 'let S3 encrypt with this key of KMS (without a value: the account’s key for S3)')
    .addOption(
      new Option('--lock-mode <mode>', 'object lock on what is written; needs --lock-days').choices(retentionModes),
    )
    .addOption(new Option('--lock-days <days>', 'how long the lock lasts').argParser(wholeNumber(1, 36_500)));
}
