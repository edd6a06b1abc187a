import { useTranslation } from 'react-i18next';

import { Icon } from '@/shared/ui';

import styles from './SearchField.module.css';
import { type SearchProblem, knownReason } from './searchProblem';

/** Why a search is not understood, and the piece of it that is at fault. */
export function ProblemNotice({ problem: { reason, place } }: { problem: SearchProblem }) {
  const { t } = useTranslation('browse');
  const known = knownReason(reason);
  return (
    <div className={styles.problem}>
      <p className={styles.reason}>
        <Icon name="warning" />
        <span>{known ? t(`problem.${known}`) : t('problem.other', { reason })}</span>
      </p>
      {place && (
        <p className={styles.place}>
          <span className="visually-hidden">{t('problem.place')} </span>
          <code>
            {place.before}
            <mark className={styles.piece}>{place.piece}</mark>
            {place.after}
          </code>
        </p>
      )}
    </div>
  );
}
