/** The columns of the table: what the list can be sorted by, and which of them this device shows. */
import { useSyncExternalStore } from 'react';

/** In the order in which they stand. The first is always there. */
export const COLUMNS = [
  'front',
  'back',
  'deck',
  'state',
  'due',
  'interval',
  'ease',
  'reps',
  'lapses',
  'flag',
  'tags',
  'notetype',
  'created',
  'modified',
] as const;
export type ColumnName = (typeof COLUMNS)[number];

export const SORTS = [
  'sort_field',
  'deck',
  'due',
  'interval',
  'ease',
  'reps',
  'lapses',
  'flag',
  'tags',
  'notetype',
  'created',
  'modified',
] as const;
export type SortKey = (typeof SORTS)[number];

/** What a column is sorted by; undefined where the service cannot. */
export function sortOf(column: ColumnName): SortKey | undefined {
  return column === 'front' ? 'sort_field' : SORTS.find((sort) => sort === column);
}

const KEY = 'javumbo.browse.columns';
const HIDDEN_AT_FIRST = new Set<ColumnName>(['back', 'notetype', 'created', 'modified']);
const listeners = new Set<() => void>();
let known: { text: string | null; columns: readonly ColumnName[] } | undefined;

export function shownColumns(): readonly ColumnName[] {
  const text = localStorage.getItem(KEY);
  if (known?.text !== text) known = { text, columns: parsed(text) };
  return known.columns;
}

export function showColumn(column: ColumnName, isShown: boolean): void {
  const shown = new Set(shownColumns());
  if (isShown) shown.add(column);
  else shown.delete(column);
  localStorage.setItem(KEY, COLUMNS.filter((one) => shown.has(one)).join(' '));
  for (const listener of listeners) listener();
}

export function useColumns(): readonly ColumnName[] {
  return useSyncExternalStore(subscribe, shownColumns);
}

function parsed(text: string | null): readonly ColumnName[] {
  if (text === null) return COLUMNS.filter((column) => !HIDDEN_AT_FIRST.has(column));
  const names = new Set(text.split(' '));
  return COLUMNS.filter((column) => column === 'front' || names.has(column));
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
