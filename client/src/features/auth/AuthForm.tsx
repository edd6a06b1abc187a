import type { ReactNode, SubmitEvent } from 'react';

import { ApiError } from '@/shared/api/errors';
import { Button, ErrorNotice, Page } from '@/shared/ui';

import styles from './AuthForm.module.css';

interface AuthFormProps {
  title: string;
  submit: string;
  busy: boolean;
  error: unknown;
  onSubmit: () => void;
  footer: ReactNode;
  children: ReactNode;
}

/** A narrow page with one form. */
export function AuthForm(props: AuthFormProps) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    props.onSubmit();
  };
  return (
    <Page narrow title={props.title}>
      <form className={styles.form} onSubmit={submit} noValidate>
        {props.error !== null && !hasFields(props.error) && <ErrorNotice error={props.error} />}
        {props.children}
        <Button type="submit" kind="primary" wide busy={props.busy}>
          {props.submit}
        </Button>
      </form>
      <p className={styles.footer}>{props.footer}</p>
    </Page>
  );
}

function hasFields(error: unknown): boolean {
  return error instanceof ApiError && Object.keys(error.fields).length > 0;
}
