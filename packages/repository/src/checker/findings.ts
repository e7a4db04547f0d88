import type { SnapshotId } from '@enterprise-backup/contracts/ids';
import type { BlobId, BlobType } from '../format/blob.ts';
import { findingsNamed, type Finding, type FindingCode } from './finding.ts';
import { blobKey, noImpact, type Impact, type ImpactQuery } from './impact.ts';

/** What a finding is about, from which follows what it touches. */
export interface About {
  /** Blobs that are damaged or missing. */
  readonly blobs?: readonly { readonly type: BlobType; readonly id: BlobId }[];
  /** Whether it is about all blobs that are in no index. */
  readonly unlisted?: boolean;
  /** An entry of the damaged tree that alone is meant. */
  readonly entry?: Buffer;
  /** Snapshots that it touches as a whole. */
  readonly points?: readonly SnapshotId[];
}

interface Draft {
  readonly finding: Pick<Finding, 'code' | 'severity' | 'message'>;
  readonly about: About;
  readonly impact: Impact;
}

/** Collects findings: of each code the first thousand, the others as a count. */
export class Findings {
  readonly #drafts: Draft[] = [];
  readonly #counts = new Map<FindingCode, number>();

  /** `message` is a sentence. */
  add(code: FindingCode, severity: Finding['severity'], message: string, about: About = {}): void {
    const count = (this.#counts.get(code) ?? 0) + 1;
    this.#counts.set(code, count);
    if (count > findingsNamed) return;
    this.#drafts.push({ finding: { code, severity, message }, about, impact: noImpact(about.entry ?? null) });
  }

  /** Findings that were counted only. */
  get omitted(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + Math.max(0, count - findingsNamed), 0);
  }

  /** What must be looked for to know what the findings touch; null when no finding is about blobs. */
  query(): ImpactQuery | null {
    const blobs = new Map<string, Impact[]>();
    const unlisted: Impact[] = [];
    for (const { about, impact } of this.#drafts) {
      for (const { type, id } of about.blobs ?? []) {
        const key = blobKey(type, id);
        blobs.set(key, [...(blobs.get(key) ?? []), impact]);
      }
      if (about.unlisted === true) unlisted.push(impact);
    }
    return blobs.size === 0 && unlisted.length === 0 ? null : { blobs, unlisted };
  }

  /** The findings, once the query has been answered. */
  list(): Finding[] {
    return this.#drafts.map(({ finding, about, impact }) => ({
      ...finding,
      points: [...new Set([...(about.points ?? []), ...impact.points])],
      affected: impact.names,
    }));
  }
}
