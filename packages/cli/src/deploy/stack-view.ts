import type { Stack } from '@aws-sdk/client-cloudformation';
import type { Cell } from '../output/table.ts';
import type { Output } from '../output/output.ts';
import { formatCount } from '../format/count.ts';
import { changesThatLoseData, type PlannedChange } from './planned-change.ts';

const words: Readonly<Record<PlannedChange['action'], string>> = {
  add: 'add',
  modify: 'modify',
  replace: 'REPLACE',
  may_replace: 'modify or replace',
  remove: 'remove',
  import: 'import',
};

/** Writes what a change set would do, what is dangerous last, where it is seen. */
export function writeChanges(output: Output, changes: readonly PlannedChange[]): void {
  const count = (action: PlannedChange['action']): number => changes.filter((each) => each.action === action).length;
  output.table({
    columns: [{ title: 'change' }, { title: 'resource' }, { title: 'type' }, { title: 'because of' }],
    rows: changes.map(({ action, logical_id, type, reasons }): readonly Cell[] => [
      action === 'replace' || action === 'remove' ? { text: words[action], tone: 'bad' } : words[action],
      logical_id,
      type,
      reasons.join(', '),
    ]),
  });
  const parts = Object.entries(words).map(
    ([action, word]) => [count(action as PlannedChange['action']), word] as const,
  );
  output.line(
    parts
      .filter(([number]) => number > 0)
      .map(([number, word]) => `${formatCount(number)} to ${word}`)
      .join(', '),
  );
  for (const { logical_id, type, action } of changesThatLoseData(changes)) {
    const what = action === 'remove' ? 'removed from the stack' : 'replaced by an empty one';
    output.line(output.paint('bad', `DANGER: ${logical_id} (${type}) holds data and would be ${what}.`));
  }
}

/** What a stack gives to those who use it, by name. */
function outputsOf(stack: Stack): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (stack.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
  );
}

/** Writes how a stack stands, and its outputs. */
export function writeResult(output: Output, stack: Stack): void {
  const { StackName = '', StackStatus = '' } = stack;
  output.object({ deployment: { stack: StackName, status: StackStatus, outputs: outputsOf(stack) } });
  output.line(`${output.paint('good', StackStatus)}: ${StackName}`);
  output.table({
    columns: [{ title: 'output' }, { title: 'value' }, { title: 'meaning' }],
    rows: (stack.Outputs ?? []).map(({ OutputKey = '', OutputValue = '', Description = '' }) => [
      OutputKey,
      OutputValue,
      Description,
    ]),
  });
}
