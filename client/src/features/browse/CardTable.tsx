import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { CardRow } from './api';
import styles from './CardTable.module.css';
import { type ColumnName, useColumns } from './columns';
import { Headings } from './Headings';
import type { GoTo, Place } from './place';
import { shareOf } from './selection';
import { type RowHandlers, TableRow } from './TableRow';
import type { Selecting } from './useSelection';

export interface ListProps {
  cards: readonly CardRow[];
  total: number;
  place: Place;
  goTo: GoTo;
  selecting: Selecting;
  /** By keyboard the focus goes to what is opened. */
  onOpen: (cardId: number, byKeyboard: boolean) => void;
  onDelete: () => void;
  isStale: boolean;
}

/** The cards as a table; arrows move, space chooses, Enter opens. */
export function CardTable(props: ListProps) {
  const { cards, total, place, goTo, selecting, isStale } = props;
  const { t } = useTranslation('browse');
  const columns = useColumns();
  const body = useRef<HTMLTableSectionElement>(null);
  const [activeId, setActiveId] = useState<number | null>(null);
  const page = cards.map((card) => card.id);
  const known = activeId ?? place.cardId ?? -1;
  const active = page.includes(known) ? known : page[0];
  const first = (place.page - 1) * place.perPage;

  const focusRow = (id: number | undefined) => {
    if (id === undefined) return;
    setActiveId(id);
    body.current?.querySelector<HTMLElement>(`[data-card="${id}"]`)?.focus();
  };
  const onKeyDown = useTableKeys(props, page, active, focusRow);
  const on = useRowHandlers({
    click: (event, id) => {
      setActiveId(id);
      if (event.shiftKey) selecting.extend(id);
      else if (event.ctrlKey || event.metaKey) selecting.toggle(id);
      else props.onOpen(id, false);
    },
    toggle: (id, isRange) => (isRange ? selecting.extend(id) : selecting.toggle(id)),
    focus: setActiveId,
  });
  return (
    <div className={styles.scroller} aria-busy={isStale}>
      <table
        role="grid"
        className={styles.table}
        aria-label={t('cards')}
        aria-multiselectable
        aria-rowcount={total + 1}
        style={{ minInlineSize: `${widthOf(columns)}rem` }}
      >
        <Headings
          columns={columns}
          place={place}
          goTo={goTo}
          share={shareOf(selecting.selection, page)}
          onToggleAll={(all) => (all ? selecting.addPage() : selecting.removePage())}
        />
        <tbody ref={body} onKeyDown={onKeyDown} className={isStale ? styles.stale : undefined}>
          {cards.map((card, index) => (
            <TableRow
              key={card.id}
              card={card}
              columns={columns}
              rowIndex={first + index + 2}
              isSelected={selecting.selection.ids.has(card.id)}
              isOpen={card.id === place.cardId}
              isActive={card.id === active}
              on={on}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Handlers that stay the same, so that rows in which nothing has changed are not drawn again. */
function useRowHandlers(handlers: RowHandlers): RowHandlers {
  const latest = useRef(handlers);
  useEffect(() => {
    latest.current = handlers;
  });
  return useMemo(
    () => ({
      click: (event, id) => latest.current.click(event, id),
      toggle: (id, isRange) => latest.current.toggle(id, isRange),
      focus: (id) => latest.current.focus(id),
    }),
    [],
  );
}

type Focus = (id: number | undefined) => void;

function useTableKeys(props: ListProps, page: readonly number[], active = -1, focusRow: Focus) {
  const { selecting } = props;
  const at = page.indexOf(active);
  const moveTo = (index: number, isRange: boolean) => {
    const id = page[Math.max(0, Math.min(index, page.length - 1))];
    if (id === undefined) return;
    if (isRange) {
      if (selecting.selection.anchor === null) selecting.extend(active);
      selecting.extend(id);
    }
    focusRow(id);
  };
  const actions: Record<string, (event: KeyboardEvent) => void> = {
    ArrowDown: (event) => moveTo(at + 1, event.shiftKey),
    ArrowUp: (event) => moveTo(at - 1, event.shiftKey),
    Home: (event) => moveTo(0, event.shiftKey),
    End: (event) => moveTo(page.length - 1, event.shiftKey),
    ' ': (event) => (event.shiftKey ? selecting.extend(active) : selecting.toggle(active)),
    Enter: () => props.onOpen(active, true),
    Delete: () => props.onDelete(),
  };
  return (event: KeyboardEvent) => {
    const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : actions[event.key];
    if (!act || !(event.target as HTMLElement).matches('[data-card]')) return;
    event.preventDefault();
    act(event);
  };
}

const WIDTHS: Record<ColumnName, number> = {
  front: 11.25,
  back: 11,
  deck: 8.5,
  state: 7,
  due: 7,
  interval: 6.25,
  ease: 5.25,
  reps: 5.5,
  lapses: 5,
  flag: 7,
  tags: 7,
  notetype: 8,
  created: 7,
  modified: 7,
};
const CHECKBOX_WIDTH = 2.75;

/** How wide the table has to be for all of its columns; beyond it grows, below it scrolls. */
function widthOf(columns: readonly ColumnName[]): number {
  return columns.reduce((sum, name) => sum + WIDTHS[name], CHECKBOX_WIDTH);
}
