import type { DatabaseSync } from 'node:sqlite';

/**
 * Removes snapshots that are gone from the cache, and the trees that no other snapshot needs: costs as much as there is to
 * remove. One transaction a snapshot, so that a kill leaves it whole or gone.
 */
export function sweepCache(
  database: DatabaseSync,
  gone: readonly { readonly id: string; readonly tree: number }[],
): void {
  const removeSnapshot = database.prepare('DELETE FROM snapshots WHERE id = ?');
  const isNeeded = database.prepare(
    'SELECT EXISTS (SELECT 1 FROM snapshots WHERE tree = ?1) OR EXISTS (SELECT 1 FROM nodes WHERE subtree = ?1) AS needed',
  );
  const findSubtrees = database.prepare('SELECT DISTINCT subtree FROM nodes WHERE tree = ? AND subtree IS NOT NULL');
  const removeNodes = database.prepare('DELETE FROM nodes WHERE tree = ?');
  const removeTree = database.prepare('DELETE FROM trees WHERE tree = ?');
  for (const { id, tree } of gone) {
    database.exec('BEGIN IMMEDIATE');
    try {
      removeSnapshot.run(id);
      const candidates = [tree];
      for (let next = candidates.pop(); next !== undefined; next = candidates.pop()) {
        if (isNeeded.get(next)?.['needed'] !== 0) continue;
        const subtrees = findSubtrees.all(next).map(({ subtree }) => Number(subtree));
        removeNodes.run(next);
        removeTree.run(next);
        candidates.push(...subtrees);
      }
      database.exec('COMMIT');
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  }
}
