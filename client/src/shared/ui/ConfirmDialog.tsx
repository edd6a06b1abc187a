import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { Button } from './Button';
import { Dialog } from './Dialog';
import styles from './Dialog.module.css';

interface ConfirmDialogProps {
  title: string;
  children: ReactNode;
  /** What is about to be done, as a verb. */
  action: string;
  busy?: boolean;
  /** As long as what it asks for is not given. */
  disabled?: boolean;
  onConfirm: () => void;
  onClose: () => void;
}

/** Asks before something that is hard to take back. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { t } = useTranslation('ui');
  return (
    <Dialog title={props.title} onClose={props.onClose}>
      <div className={styles.body}>{props.children}</div>
      <div className={styles.actions}>
        <Button onClick={props.onClose}>{t('cancel')}</Button>
        <Button kind="danger" busy={props.busy} disabled={props.disabled} onClick={props.onConfirm}>
          {props.action}
        </Button>
      </div>
    </Dialog>
  );
}
