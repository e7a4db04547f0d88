/** An entry of a function's log. */
export interface RecordedEntry {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** A metric that a function counted. */
export interface RecordedMetric {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
}

type Write = (message: string, attributes: Readonly<Record<string, unknown>>) => void;

/** What a function logged and counted, in the order in which it did. */
export interface RecordedOutput {
  readonly log: { readonly debug: Write; readonly info: Write; readonly warn: Write; readonly error: Write };
  readonly metrics: {
    addMetric(name: string, unit: string, value: number): void;
    hasStoredMetrics(): boolean;
    publishStoredMetrics(): void;
  };
  readonly entries: RecordedEntry[];
  /** Published metrics. */
  readonly published: RecordedMetric[];
}

/** A log and metrics that keep what they are given. */
export const recordedOutput = (): RecordedOutput => {
  const entries: RecordedEntry[] = [];
  const published: RecordedMetric[] = [];
  let stored: RecordedMetric[] = [];
  const write =
    (level: RecordedEntry['level']): Write =>
    (message, attributes) => {
      entries.push({ level, message, attributes });
    };
  return {
    log: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
    metrics: {
      addMetric: (name, unit, value) => {
        stored.push({ name, unit, value });
      },
      hasStoredMetrics: () => stored.length > 0,
      publishStoredMetrics: () => {
        published.push(...stored);
        stored = [];
      },
    },
    entries,
    published,
  };
};
