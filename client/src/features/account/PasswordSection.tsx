import { useMutation } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ApiError, fieldError } from '@/shared/api/errors';
import { currentSession, startSession } from '@/shared/api/session';
import type { Account } from '@/shared/data/account';
import { PasswordMeter } from '@/shared/passwords/PasswordMeter';
import { Button, ErrorNotice, TextField, toast } from '@/shared/ui';

import styles from './AccountPage.module.css';
import { changePassword } from './api';
import { Section } from './Section';

const EMPTY = { current: '', wanted: '' };

export function PasswordSection({ account }: { account: Account }) {
  const { t } = useTranslation('account');
  const [form, setForm] = useState(EMPTY);
  const change = useMutation({
    mutationFn: () => changePassword(form.current, form.wanted),
    onSuccess: ({ token, expires_at }) => {
      const session = currentSession();
      if (session) startSession({ ...session, token, expires_at });
      setForm(EMPTY);
      toast(t('password.changed'));
    },
  });
  const isWrong = change.error instanceof ApiError && change.error.code === 'invalid_credentials';
  const problem = fieldError(change.error, 'new_password');
  const save = (event: SubmitEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <Section title={t('password.title')}>
      <form className={styles.form} onSubmit={save} noValidate>
        {/* For password managers, which keep a password with its name. */}
        <input type="text" autoComplete="username" value={account.username} readOnly hidden />
        {change.error && !isWrong && !problem && <ErrorNotice error={change.error} />}
        <TextField
          label={t('password.current')}
          type="password"
          autoComplete="current-password"
          value={form.current}
          error={isWrong ? t('password.wrong') : undefined}
          onChange={(event) => setForm({ ...form, current: event.target.value })}
        />
        <TextField
          label={t('password.wanted')}
          hint={t('password.hint')}
          type="password"
          autoComplete="new-password"
          value={form.wanted}
          error={problem && t('password.refused')}
          onChange={(event) => setForm({ ...form, wanted: event.target.value })}
        />
        <PasswordMeter password={form.wanted} username={account.username} name={account.name} />
        <div className={styles.row}>
          <Button
            type="submit"
            busy={change.isPending}
            disabled={form.current === '' || form.wanted === ''}
          >
            {t('password.change')}
          </Button>
          <span className={styles.muted}>{t('password.others')}</span>
        </div>
      </form>
    </Section>
  );
}
