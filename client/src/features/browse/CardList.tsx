import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import type { CardRow } from './api';
import styles from './CardList.module.css';
import type { ListProps } from './CardTable';
import { FlagSign, FrontText, StateSign } from './cells';
import { dueText } from './cellText';
import { useCardAddress } from './useCardAddress';

/** The cards on a phone: two lines each, which lead to the card's own page. */
export function CardList({ cards, selecting, isStale }: ListProps) {
  const { t } = useTranslation('browse');
  return (
    <ul
      className={isStale ? `${styles.list ?? ''} ${styles.stale ?? ''}` : styles.list}
      aria-label={t('cards')}
      aria-busy={isStale}
    >
      {cards.map((card) => (
        <ListRow
          key={card.id}
          card={card}
          isSelected={selecting.selection.ids.has(card.id)}
          onToggle={() => selecting.toggle(card.id)}
        />
      ))}
    </ul>
  );
}

interface ListRowProps {
  card: CardRow;
  isSelected: boolean;
  onToggle: () => void;
}

function ListRow({ card, isSelected, onToggle }: ListRowProps) {
  const { t } = useTranslation('browse');
  const address = useCardAddress();
  const classes = [styles.row, (card.suspended || card.buried) && styles.away];
  if (isSelected) classes.push(styles.selected);
  return (
    <li className={classes.filter(Boolean).join(' ')}>
      <label className={styles.check}>
        <input
          type="checkbox"
          aria-label={t('select.card')}
          checked={isSelected}
          onChange={onToggle}
        />
      </label>
      <Link to={address(card.id)} className={styles.link ?? ''}>
        <span className={styles.front}>
          <FrontText card={card} />
        </span>
        <span className={styles.facts}>
          <StateSign card={card} />
          <span>{dueText(card)}</span>
          <FlagSign flag={card.flag} />
          <span className={styles.deck}>{card.deck_name}</span>
        </span>
      </Link>
    </li>
  );
}
