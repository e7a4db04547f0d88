import type { TaskStatus } from '@enterprise-backup/contracts/catalog';
import type { Cell } from '../output/table.ts';

/** The status of a job or a recovery as a cell. */
export function statusCell(status: TaskStatus): Cell {
  if (status === 'completed') return { text: status, tone: 'good' };
  if (status === 'failed') return { text: status, tone: 'bad' };
  return status;
}
