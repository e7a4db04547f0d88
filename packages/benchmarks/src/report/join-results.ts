import type { Measured, Results } from './results.ts';

/**
 * Results of several runs, as the document shows them: the latest, and of earlier ones what was not measured again. A full
 * benchmark takes hours, so that some workloads are measured one day and others another.
 */
export function joinResults(earlier: readonly Results[], latest: Results): Results[] {
  const measured = new Set(latest.measurements.map(({ workload }) => workload));
  const kept = earlier.map((results) => ({
    ...results,
    floors: results.floors.filter(({ workload }) => !measured.has(workload)),
    measurements: results.measurements.filter(({ workload }) => !measured.has(workload)),
  }));
  return [...kept.filter(({ measurements }) => measurements.length > 0), latest].sort(byWorkload);
}

/** What a plot shows of several runs. */
export function mergeResults(all: readonly Results[]): Measured {
  const names = new Set(all.flatMap(({ engines }) => engines.map(({ name }) => name)));
  return {
    engines: [...names].map((name) => ({ name })),
    measurements: all.flatMap(({ measurements }) => measurements),
  };
}

function byWorkload(left: Results, right: Results): number {
  const [first, second] = [left, right].map(({ measurements }) => measurements[0]?.workload ?? '');
  return (first ?? '') < (second ?? '') ? -1 : 1;
}
