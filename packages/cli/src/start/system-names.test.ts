import { sourceSystem, type SourceSystem } from '@enterprise-backup/contracts/systems';
import { systemName } from '@enterprise-backup/contracts/catalog';
import { expect, it } from 'vitest';
import { nameOwnSource } from './system-names.ts';

const registered = (name: string, path: string): SourceSystem =>
  sourceSystem.parse({
    source_system: name,
    settings: { kind: 'filesystem', path },
    repository_id: 'repository-1',
    created_at: '2026-11-22T12:00:00Z',
  });

it('a folder keeps the name under which it is registered', () => {
  expect(nameOwnSource('/srv/documents', [registered('papers', '/srv/documents')])).toBe('papers');
});

it('a folder whose name is taken gets a number', () => {
  const taken = [registered('documents', '/home/a/documents'), registered('documents-2', '/home/b/documents')];
  expect(nameOwnSource('/srv/documents', taken)).toBe('documents-3');
  expect(nameOwnSource('/srv/this-checkout', [])).toBe('this-checkout-2');
});

it.each(['/', '/srv/..odd name!', '/srv/文件', `/srv/${'x'.repeat(200)}`])('the name for %s is a valid one', (path) => {
  expect(systemName.safeParse(nameOwnSource(path, [])).success).toBe(true);
});
