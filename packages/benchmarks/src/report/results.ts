import type { Floor } from '../floor/floor.ts';
import type { Machine } from '../machine.ts';
import type { Measurement } from '../measure/measurement.ts';

/** What a benchmark found, as it is written to results.json. */
export interface Results {
  /** When it ended, RFC 3339 in UTC. */
  readonly measured_at: string;
  readonly machine: Machine;
  readonly settings: {
    readonly scale: number;
    readonly runs: number;
    readonly warmups: number;
    readonly seed: string;
    readonly data: string;
    readonly verify: string;
  };
  /** Name and version of each engine; ours is the first. */
  readonly engines: readonly { readonly name: string }[];
  readonly floors: readonly Floor[];
  readonly measurements: readonly Measurement[];
}

/** What tables and plots are made of. */
export type Measured = Pick<Results, 'engines' | 'measurements'>;
