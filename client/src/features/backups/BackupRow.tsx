import { useTranslation } from 'react-i18next';

import { formatBytes, formatDate, formatDateTime, formatNumber } from '@/shared/i18n/format';
import { Button } from '@/shared/ui';

import type { Backup } from './api';
import styles from './BackupsPage.module.css';

interface BackupRowProps {
  backup: Backup;
  saving: boolean;
  onSave: () => void;
  onRestore: () => void;
}

export function BackupRow({ backup, saving, onSave, onRestore }: BackupRowProps) {
  const { t } = useTranslation('backups');
  const when = formatDateTime(backup.made_at);
  return (
    <li className={styles.backup} aria-label={when}>
      <div className={styles.about}>
        <p className={styles.when}>
          <time dateTime={new Date(backup.made_at).toISOString()}>{when}</time>
        </p>
        <p>{t(`kind.${backup.kind}`)}</p>
        <p className={styles.facts}>
          {[
            t('notes', { count: backup.notes, number: formatNumber(backup.notes) }),
            t('cards', { count: backup.cards, number: formatNumber(backup.cards) }),
            t('reviews', { count: backup.reviews, number: formatNumber(backup.reviews) }),
            formatBytes(backup.bytes),
          ]
            .map(unbroken)
            .join(' · ')}
        </p>
        {backup.last_review_at !== null && (
          <p className={styles.facts}>
            {t('lastReview', { date: formatDate(backup.last_review_at) })}
          </p>
        )}
      </div>
      <div className={styles.actions}>
        <Button icon="download" busy={saving} onClick={onSave} aria-label={t('saveThis', { when })}>
          {t('save')}
        </Button>
        <Button icon="history" onClick={onRestore} aria-label={t('restoreThis', { when })}>
          {t('restore')}
        </Button>
      </div>
    </li>
  );
}

/** A number and its word stay on one line. */
function unbroken(text: string): string {
  return text.replaceAll(' ', '\u00a0');
}
