/** Which cards are chosen: on this page and on others of the same search. */
export interface Selection {
  ids: ReadonlySet<number>;
  /** Where a range begins. */
  anchor: number | null;
}

export const NOTHING: Selection = { ids: new Set(), anchor: null };

export function toggled({ ids }: Selection, id: number): Selection {
  const next = new Set(ids);
  if (!next.delete(id)) next.add(id);
  return { ids: next, anchor: id };
}

/** With everything from the anchor to here; as on the other end, where that is on another page. */
export function extended(selection: Selection, id: number, page: readonly number[]): Selection {
  const from = page.indexOf(selection.anchor ?? id);
  const to = page.indexOf(id);
  if (to < 0) return selection;
  const begin = from < 0 ? to : from;
  const range = page.slice(Math.min(begin, to), Math.max(begin, to) + 1);
  return { ids: new Set([...selection.ids, ...range]), anchor: page[begin] ?? id };
}

export function withAll({ ids, anchor }: Selection, page: readonly number[]): Selection {
  return { ids: new Set([...ids, ...page]), anchor };
}

export function without({ ids, anchor }: Selection, gone: readonly number[]): Selection {
  const next = new Set(ids);
  for (const id of gone) next.delete(id);
  return { ids: next, anchor: anchor !== null && next.has(anchor) ? anchor : null };
}

/** How much of a page is chosen. */
export function shareOf({ ids }: Selection, page: readonly number[]): 'none' | 'some' | 'all' {
  const chosen = page.filter((id) => ids.has(id)).length;
  if (chosen === 0) return 'none';
  return chosen === page.length ? 'all' : 'some';
}
