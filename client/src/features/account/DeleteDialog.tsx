import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { ApiError } from '@/shared/api/errors';
import { leaveForGood } from '@/shared/data/leaving';
import { ConfirmDialog, ErrorNotice, TextField, toast } from '@/shared/ui';

import styles from './AccountPage.module.css';
import { deleteAccount } from './api';

const GONE = ['collection', 'media', 'backups', 'account'] as const;

/** Says what is deleted, offers to take it along, and asks for the name and the password. */
export function DeleteDialog({ username, onClose }: { username: string; onClose: () => void }) {
  const { t } = useTranslation('account');
  const [typed, setTyped] = useState('');
  const [password, setPassword] = useState('');
  const deletion = useMutation({
    mutationFn: () => deleteAccount(password),
    onSuccess: async () => {
      await leaveForGood(username);
      toast(t('delete.done'));
    },
  });
  const { error } = deletion;
  const isWrong = error instanceof ApiError && error.code === 'invalid_credentials';
  const isSure = typed.trim().toLowerCase() === username.toLowerCase() && password !== '';
  return (
    <ConfirmDialog
      title={t('delete.dialog')}
      action={t('delete.confirm')}
      busy={deletion.isPending}
      disabled={!isSure}
      onConfirm={() => deletion.mutate()}
      onClose={onClose}
    >
      <div className={styles.dialog}>
        <p>{t('delete.gone')}</p>
        <ul>
          {GONE.map((what) => (
            <li key={what}>{t(`delete.what.${what}`)}</li>
          ))}
        </ul>
        <p>
          {t('delete.final')} <Link to="/export">{t('delete.export')}</Link>
        </p>
        {error && !isWrong && <ErrorNotice error={error} />}
        <TextField
          label={t('delete.typeName', { username })}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        <TextField
          label={t('delete.password')}
          type="password"
          autoComplete="current-password"
          value={password}
          error={isWrong ? t('password.wrong') : undefined}
          onChange={(event) => setPassword(event.target.value)}
        />
      </div>
    </ConfirmDialog>
  );
}
