import { type CSSProperties, type KeyboardEvent, memo, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import type { Deck } from '@/shared/data/decks';
import { parentName } from '@/shared/data/deckNames';
import { formatNumber } from '@/shared/i18n/format';
import { Button } from '@/shared/ui';

import { DeckMenu } from './DeckMenu';
import type { DeckDialog } from './dialogs';
import styles from './DeckTree.module.css';
import { type DeckRow, rowsOf } from './tree';

interface DeckTreeProps {
  decks: readonly Deck[];
  /** The deck under which all of them lie. */
  root?: Deck;
  closed: ReadonlySet<number>;
  onToggle: (deckId: number) => void;
  onDialog: (dialog: DeckDialog) => void;
}

const COUNTS = ['new', 'learn', 'review'] as const;

/** All decks with what each has to study. Arrows move between them, and open and close levels. */
export function DeckTree({ decks, root, closed, onToggle, onDialog }: DeckTreeProps) {
  const { t } = useTranslation('decks');
  const rows = useMemo(() => rowsOf(decks, closed, root), [decks, closed, root]);
  return (
    <table className={styles.table} onKeyDown={(event) => onKeyDown(event, rows, onToggle)}>
      <thead>
        <tr>
          <th scope="col">{t('deck')}</th>
          {COUNTS.map((kind) => (
            <th key={kind} scope="col" className={styles.number}>
              <span className={styles.full}>{t(`counts.${kind}`)}</span>
              <span className={styles.short} aria-hidden="true">
                {t(`short.${kind}`)}
              </span>
            </th>
          ))}
          <td />
        </tr>
      </thead>
      <tbody>
        {rows.map(({ deck, label, depth, hasSubdecks, isOpen }) => (
          <Row key={deck.id} {...{ deck, label, depth, hasSubdecks, isOpen, onToggle, onDialog }} />
        ))}
      </tbody>
    </table>
  );
}

type RowProps = DeckRow & Pick<DeckTreeProps, 'onToggle' | 'onDialog'>;

const Row = memo(function Row({ deck, label, depth, ...props }: RowProps) {
  const { t } = useTranslation('decks');
  const parent = parentName(deck.name);
  return (
    <tr>
      <th scope="row" className={styles.name}>
        <span
          className={styles.indented}
          style={{ '--depth': Math.min(depth, 8) } as CSSProperties}
        >
          {props.hasSubdecks ? (
            <span className={props.isOpen ? styles.open : styles.toggle}>
              <Button
                kind="quiet"
                icon="chevron"
                iconOnly
                aria-expanded={props.isOpen}
                onClick={() => props.onToggle(deck.id)}
              >
                {t('subdecksOf', { name: label })}
              </Button>
            </span>
          ) : (
            <span className={styles.toggle} />
          )}
          <Link to={`/decks/${deck.id}/study`} data-deck={deck.id} className={styles.link}>
            {depth > 0 && <span className="visually-hidden">{`${parent}::`}</span>}
            {label}
          </Link>
        </span>
      </th>
      {COUNTS.map((kind) => (
        <td key={kind} className={styles.number}>
          <span className={deck.counts[kind] ? styles[kind] : styles.zero}>
            {formatNumber(deck.counts[kind])}
          </span>
        </td>
      ))}
      <td className={styles.menu}>
        <DeckMenu deck={deck} onDialog={props.onDialog} />
      </td>
    </tr>
  );
});

function onKeyDown(
  event: KeyboardEvent<HTMLTableElement>,
  rows: readonly DeckRow[],
  onToggle: (deckId: number) => void,
): void {
  const id = Number((event.target as HTMLElement).dataset['deck']);
  const at = rows.findIndex((row) => row.deck.id === id);
  const row = rows[at];
  if (!row || event.altKey || event.ctrlKey || event.metaKey) return;
  const target = {
    ArrowDown: rows[at + 1],
    ArrowUp: rows[at - 1],
    ArrowLeft: row.isOpen ? row : rows.find((one) => one.deck.id === row.deck.parent_id),
    ArrowRight: row.hasSubdecks && row.isOpen ? rows[at + 1] : row,
  }[event.key];
  if (!target) return;
  event.preventDefault();
  if (target === row) {
    if (row.hasSubdecks) onToggle(id);
    return;
  }
  event.currentTarget.querySelector<HTMLElement>(`[data-deck="${target.deck.id}"]`)?.focus();
}
