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
    'SELECT EXISTS (SELECT 1 FROM snapshots WHERE tree = ?1) OR EXISTS (SELECT 1 FROM entries WHERE subtree = ?1) AS needed',
  );
  const findEntries = database.prepare('SELECT entry, subtree FROM members JOIN entries USING (entry) WHERE tree = ?');
  const removeMembers = database.prepare('DELETE FROM members WHERE tree = ?');
  const removeEntry = database.prepare(
    'DELETE FROM entries WHERE entry = ?1 AND NOT EXISTS (SELECT 1 FROM members WHERE entry = ?1)',
  );
  const removeTree = database.prepare('DELETE FROM trees WHERE tree = ?');
  for (const { id, tree } of gone) {
    database.exec('BEGIN IMMEDIATE');
    try {
      removeSnapshot.run(id);
      const candidates = [tree];
      for (let next = candidates.pop(); next !== undefined; next = candidates.pop()) {
        if (isNeeded.get(next)?.['needed'] !== 0) continue;
        const entries = findEntries.all(next);
        removeMembers.run(next);
        removeTree.run(next);
        for (const { entry, subtree } of entries) {
          const { changes } = removeEntry.run(Number(entry));
          if (Number(changes) > 0 && subtree !== null) candidates.push(Number(subtree));
        }
      }
      database.exec('COMMIT');
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  }
}
