import { type MouseEvent, memo } from 'react';
import { useTranslation } from 'react-i18next';

import type { CardRow } from './api';
import styles from './CardTable.module.css';
import { Cell } from './cells';
import type { ColumnName } from './columns';

interface TableRowProps {
  card: CardRow;
  columns: readonly ColumnName[];
  rowIndex: number;
  isSelected: boolean;
  isOpen: boolean;
  /** The one to which Tab leads. */
  isActive: boolean;
  /** The same in every drawing. */
  on: RowHandlers;
}

export interface RowHandlers {
  click: (event: MouseEvent, id: number) => void;
  toggle: (id: number, isRange: boolean) => void;
  focus: (id: number) => void;
}

/** One card; drawn again only when something of it has changed. */
export const TableRow = memo(function TableRow(props: TableRowProps) {
  const { card, columns, isSelected, isOpen, on } = props;
  const { t } = useTranslation('browse');
  return (
    <tr
      data-card={card.id}
      aria-rowindex={props.rowIndex}
      aria-selected={isSelected}
      aria-current={isOpen ? 'true' : undefined}
      tabIndex={props.isActive ? 0 : -1}
      className={card.suspended || card.buried ? styles.away : undefined}
      onClick={(event) => on.click(event, card.id)}
      onFocus={() => on.focus(card.id)}
      // Or the browser would choose the text between the two rows of a range.
      onMouseDown={(event) => event.shiftKey && event.preventDefault()}
    >
      <td className={styles.check} onClick={(event) => event.stopPropagation()}>
        <label className={styles.target}>
          <input
            type="checkbox"
            tabIndex={-1}
            aria-label={t('select.card')}
            checked={isSelected}
            onChange={(event) => on.toggle(card.id, (event.nativeEvent as PointerEvent).shiftKey)}
          />
        </label>
      </td>
      {columns.map((column) => (
        <td key={column} className={styles[column]}>
          <Cell card={card} column={column} />
        </td>
      ))}
    </tr>
  );
});
