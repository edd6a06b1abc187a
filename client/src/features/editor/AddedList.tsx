import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import styles from './editor.module.css';
import type { Added } from './useAdding';

interface AddedListProps {
  /** The last one first. */
  added: readonly Added[];
  deckId: number;
}

/** The notes that were added just now; each is said as it comes. */
export function AddedList({ added, deckId }: AddedListProps) {
  const { t } = useTranslation('editor');
  const [last] = added;
  const back = encodeURIComponent(`/decks/${deckId}/add`);
  return (
    <section className={styles.added}>
      <p role="status" className={last ? undefined : 'visually-hidden'}>
        {last && <strong>{t('added', { count: last.cards })}</strong>}
        {last && <span className="visually-hidden"> {last.text}</span>}
      </p>
      {last && (
        <ul aria-label={t('lastAdded')}>
          {added.map(({ noteId, cardId, text }) => (
            <li key={noteId}>
              <Link to={`/cards/${cardId}/edit?back=${back}`}>{text || t('noText')}</Link>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
