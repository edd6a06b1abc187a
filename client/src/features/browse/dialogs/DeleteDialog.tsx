import { useTranslation } from 'react-i18next';

import { ConfirmDialog, ErrorNotice } from '@/shared/ui';

import type { DialogProps } from './ActionDialog';
import styles from './dialogs.module.css';

export function DeleteDialog({ count, isBusy, error, onAct, onClose }: DialogProps) {
  const { t } = useTranslation('browse');
  return (
    <ConfirmDialog
      title={t('delete.title', { count })}
      action={t('delete.submit', { count })}
      busy={isBusy}
      onConfirm={() => onAct({ action: 'delete' })}
      onClose={onClose}
    >
      <div className={styles.form}>
        <p>{t('delete.text')}</p>
        {error !== null && <ErrorNotice error={error} />}
      </div>
    </ConfirmDialog>
  );
}
