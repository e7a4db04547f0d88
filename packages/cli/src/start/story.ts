import type { CommandContext } from '../command-context.ts';
import { wrapText } from '../format/wrap-text.ts';
import type { SummaryRow } from './summary-rows.ts';

const widestStep = 'differential backup'.length;

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
    const indent = 'ok '.length + widestStep + 2;
    output.line(`${output.paint('good', 'ok')} ${step.padEnd(widestStep)}  ${wrapText(text, output.width(), indent)}`);
  }

  /** Tells something beside the steps. */
  note(text: string): void {
    const { output } = this.context;
    output.line(`   ${output.paint('weak', wrapText(text, output.width(), 3))}`);
  }

  /** Seconds since `since`, with three decimals. */
  secondsSince(since: Date): number {
    return (this.context.clock.now().getTime() - since.getTime()) / 1000;
  }
}
