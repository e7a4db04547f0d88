import type { CommandContext } from '../command-context.ts';
import type { SummaryRow } from './summary-rows.ts';

const widestStep = 26;

/** What the steps of a start tell the person, and the lines of the table that they leave for the end. */
export class Story {
  readonly context: CommandContext;
  readonly rows: SummaryRow[] = [];

  constructor(context: CommandContext) {
    this.context = context;
  }

  /** Tells that a step is done. `text` must be safe to show; `facts` is for programs. */
  done(step: string, text: string, facts: object): void {
    const { output } = this.context;
    output.object({ step: { name: step, ...facts } });
    output.line(`${output.paint('good', 'ok')} ${step.padEnd(widestStep)}  ${text}`);
  }

  /** Tells something beside the steps. */
  note(text: string): void {
    this.context.output.line(`   ${this.context.output.paint('weak', text)}`);
  }

  /** Seconds since `since`, with three decimals. */
  secondsSince(since: Date): number {
    return (this.context.clock.now().getTime() - since.getTime()) / 1000;
  }
}
