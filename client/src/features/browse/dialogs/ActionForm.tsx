import type { ReactNode, SubmitEvent } from 'react';
import { useTranslation } from 'react-i18next';

import { ApiError } from '@/shared/api/errors';
import { Button, Dialog, ErrorNotice } from '@/shared/ui';

import type { DialogProps } from './ActionDialog';
import styles from './dialogs.module.css';

interface ActionFormProps extends Pick<DialogProps, 'isBusy' | 'error' | 'onClose'> {
  title: string;
  submit: string;
  disabled?: boolean;
  /** The field of the form whose error stands beside it. */
  ownField?: string;
  onSubmit: () => void;
  children: ReactNode;
}

/** A dialog with a few questions and one answer. */
export function ActionForm(props: ActionFormProps) {
  const { t } = useTranslation('browse');
  const { error, ownField } = props;
  const isOwn = error instanceof ApiError && ownField !== undefined && ownField in error.fields;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!props.disabled) props.onSubmit();
  };
  return (
    <Dialog title={props.title} onClose={props.onClose}>
      <form ref={beginInside} className={styles.form} onSubmit={submit} noValidate>
        {props.children}
        {error !== null && !isOwn && <ErrorNotice error={error} />}
        <div className={styles.actions}>
          <Button onClick={props.onClose}>{t('cancel')}</Button>
          <Button type="submit" kind="primary" busy={props.isBusy} disabled={props.disabled}>
            {props.submit}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** The first question has the focus when the dialog opens, and not the cross above it. */
function beginInside(form: HTMLFormElement | null): void {
  form?.querySelector('input, select, textarea')?.setAttribute('autofocus', '');
}
