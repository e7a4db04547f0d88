import { safeText } from '../format/safe-text.ts';
import { writeFields } from '../views/fields.ts';
import type { NextCommand } from './next-commands.ts';
import type { Story } from './story.ts';
import { summaryTable } from './summary-rows.ts';

/** Where everything lies, as a person looks for it. */
export type ReportedPlaces = Readonly<Record<string, string>>;

/** Tells the outcome: the table, where everything lies, and what to try next. */
export function writeReport(story: Story, places: ReportedPlaces, next: readonly NextCommand[]): void {
  const { output } = story.context;
  output.object({ summary: { steps: story.rows, places, next } });
  output.line();
  output.table(summaryTable(story.rows));
  output.line();
  output.line(output.paint('strong', 'Where everything lies'));
  writeFields(
    output,
    Object.entries(places).map(([name, path]) => [name.replaceAll('_', ' '), path]),
  );
  output.line();
  output.line(output.paint('strong', 'Try next'));
  for (const { purpose, command } of next) {
    output.line(`  ${output.paint('weak', `# ${purpose}`)}`);
    output.line(`  ${safeText(command)}`);
  }
  output.line();
}
