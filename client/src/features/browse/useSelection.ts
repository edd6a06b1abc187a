import { useState } from 'react';

import { NOTHING, type Selection, extended, toggled, withAll, without } from './selection';

export interface Selecting {
  selection: Selection;
  toggle: (id: number) => void;
  extend: (id: number) => void;
  /** Where the next range begins. */
  anchorAt: (id: number) => void;
  addPage: () => void;
  removePage: () => void;
  setAll: (ids: readonly number[]) => void;
  drop: (ids: readonly number[]) => void;
  clear: () => void;
}

/** What is chosen of what one search found: another search begins with nothing. */
export function useSelection(search: string, page: readonly number[]): Selecting {
  const [state, setState] = useState({ search, selection: NOTHING });
  const selection = state.search === search ? state.selection : NOTHING;
  const change = (next: (now: Selection) => Selection) =>
    setState((now) => ({
      search,
      selection: next(now.search === search ? now.selection : NOTHING),
    }));
  return {
    selection,
    toggle: (id) => change((now) => toggled(now, id)),
    extend: (id) => change((now) => extended(now, id, page)),
    anchorAt: (id) => change((now) => ({ ...now, anchor: id })),
    addPage: () => change((now) => withAll(now, page)),
    removePage: () => change((now) => without(now, page)),
    setAll: (ids) => change(() => ({ ids: new Set(ids), anchor: null })),
    drop: (ids) => change((now) => without(now, ids)),
    clear: () => change(() => NOTHING),
  };
}
