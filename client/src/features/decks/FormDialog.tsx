import type { ReactNode, SubmitEvent } from 'react';
import { useTranslation } from 'react-i18next';

import { Button, Dialog } from '@/shared/ui';

import styles from './FormDialog.module.css';

interface FormDialogProps {
  title: string;
  action: string;
  busy: boolean;
  onSubmit: () => void;
  onClose: () => void;
  children: ReactNode;
}

/** A dialog with a form in it. */
export function FormDialog({ title, action, busy, onSubmit, onClose, children }: FormDialogProps) {
  const { t } = useTranslation('ui');
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!busy) onSubmit();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form className={styles.form} onSubmit={submit} noValidate>
        {children}
        <div className={styles.actions}>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button type="submit" kind="primary" busy={busy}>
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
