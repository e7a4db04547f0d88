import { randomBytes } from 'node:crypto';
import { open, readFile, rename, unlink, type FileHandle } from 'node:fs/promises';
import * as z from 'zod';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { asPackId, isId, type PackId } from '../format/blob.ts';
import { hasPosixCode } from '../posix/posix-error.ts';
import type { PackRecord, ReadHistory } from './choose-packs.ts';

const time = z.iso.datetime();
const heading = z.object({
  format: z.literal('verified-packs'),
  version: z.literal(1),
  repository: z.string(),
  even_until: time.nullable(),
});
const line = z.object({ pack: z.string().refine(isId), seen: time, verified: time.nullable() });

/**
 * Which pack was read whole, and when: a file beside the repository, one JSON object on each line, first a heading. A
 * check appends a line for each pack it has verified, so that one that is killed is continued where it stopped, and
 * writes the file anew at its start and its end. A last line that was cut off counts as not written. Two checks at the
 * same time with one file lose nothing but some of what the other noted.
 */
export class VerifiedPacks implements ReadHistory {
  readonly packs: Map<PackId, PackRecord>;
  evenUntil: number | null;
  readonly #path: string;
  readonly #repositoryId: string;
  #journal: FileHandle | null = null;

  private constructor(path: string, repositoryId: string, history: ReadHistory) {
    this.#path = path;
    this.#repositoryId = repositoryId;
    this.packs = new Map(history.packs);
    this.evenUntil = history.evenUntil;
  }

  /** Reads the file; one that does not exist is empty. Throws STATE_FILE_INVALID for any other file, and FILE_UNREADABLE. */
  static async open(path: string, repositoryId: string): Promise<VerifiedPacks> {
    let text = '';
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      if (!hasPosixCode(error, 'ENOENT')) {
        throw new PlatformError('FILE_UNREADABLE', `the state file ${path} cannot be read`, { cause: error });
      }
    }
    return new VerifiedPacks(path, repositoryId, parse(path, text, repositoryId));
  }

  /** Notes which packs there are, forgets those that are gone, and starts to take verified ones. Throws FILE_NOT_WRITABLE. */
  async begin(present: Iterable<PackId>, now: Date): Promise<void> {
    const before = new Map(this.packs);
    this.packs.clear();
    for (const id of present) this.packs.set(id, before.get(id) ?? { seen: now.getTime(), verified: null });
    await this.#rewrite();
  }

  /** Notes that a pack was read at the time `now` and is whole. Throws FILE_NOT_WRITABLE. */
  async note(id: PackId, now: Date): Promise<void> {
    const record = { seen: this.packs.get(id)?.seen ?? now.getTime(), verified: now.getTime() };
    this.packs.set(id, record);
    await this.#writing(async () => {
      await this.#journal?.appendFile(encode(id, record));
    });
  }

  /** Ends a check that has read everything that was due at the time `evenUntil`; null leaves that as it was. Throws FILE_NOT_WRITABLE. */
  async end(evenUntil: Date | null): Promise<void> {
    if (evenUntil !== null) this.evenUntil = evenUntil.getTime();
    await this.#rewrite();
    await this.close();
  }

  /** Stops taking verified packs, as after an interruption. */
  async close(): Promise<void> {
    await this.#journal?.close();
    this.#journal = null;
  }

  /** A temporary file and a rename: a crash leaves the old file or the new one. */
  async #rewrite(): Promise<void> {
    const temporary = `${this.#path}-tmp-${randomBytes(4).toString('hex')}`;
    await this.#writing(async () => {
      await this.close();
      const file = await open(temporary, 'wx', 0o600);
      try {
        await file.appendFile(this.#heading());
        let lines = '';
        for (const [id, record] of this.packs) {
          lines += encode(id, record);
          if (lines.length < 1024 * 1024) continue;
          await file.appendFile(lines);
          lines = '';
        }
        await file.appendFile(lines);
        await file.sync();
        await rename(temporary, this.#path);
        this.#journal = file;
      } catch (error) {
        await file.close();
        await unlink(temporary).catch(() => undefined);
        throw error;
      }
    });
  }

  #heading(): string {
    const evenUntil = this.evenUntil === null ? null : new Date(this.evenUntil).toISOString();
    const fields = { format: 'verified-packs', version: 1, repository: this.#repositoryId, even_until: evenUntil };
    return `${JSON.stringify(fields)}\n`;
  }

  async #writing(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      throw new PlatformError('FILE_NOT_WRITABLE', `the state file ${this.#path} cannot be written`, { cause: error });
    }
  }
}

function encode(id: PackId, { seen, verified }: PackRecord): string {
  const iso = (milliseconds: number) => new Date(milliseconds).toISOString();
  return `${JSON.stringify({ pack: id, seen: iso(seen), verified: verified === null ? null : iso(verified) })}\n`;
}

function parse(path: string, text: string, repositoryId: string): ReadHistory {
  const packs = new Map<PackId, PackRecord>();
  if (text === '') return { packs, evenUntil: null };
  const [first = '', ...others] = text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .slice(0, -1);
  const head = heading.safeParse(parseJson(first));
  if (!head.success) throw invalid(path, 'it does not start as one');
  if (head.data.repository !== repositoryId) throw invalid(path, 'it belongs to another repository');
  for (const [at, other] of others.entries()) {
    const parsed = line.safeParse(parseJson(other));
    if (!parsed.success) throw invalid(path, `line ${at + 2} is wrong`);
    const { pack, seen, verified } = parsed.data;
    packs.set(asPackId(pack), { seen: Date.parse(seen), verified: verified === null ? null : Date.parse(verified) });
  }
  const { even_until: evenUntil } = head.data;
  return { packs, evenUntil: evenUntil === null ? null : Date.parse(evenUntil) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function invalid(path: string, reason: string): PlatformError {
  return new PlatformError('STATE_FILE_INVALID', `${path} is no state file of this repository: ${reason}`);
}
