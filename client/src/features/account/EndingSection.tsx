import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { leave } from '@/shared/data/leaving';
import { Button, ConfirmDialog, ErrorNotice } from '@/shared/ui';

import styles from './AccountPage.module.css';
import { logOutEverywhere } from './api';
import { DeleteDialog } from './DeleteDialog';
import { Section } from './Section';

/** Logging out on every device, and deleting everything. */
export function EndingSection({ username }: { username: string }) {
  const { t } = useTranslation('account');
  const [asking, setAsking] = useState<'logOut' | 'delete' | null>(null);
  const close = () => setAsking(null);
  return (
    <>
      <Section title={t('devices.title')}>
        <p>{t('devices.text')}</p>
        <div className={styles.row}>
          <Button onClick={() => setAsking('logOut')}>{t('devices.action')}</Button>
        </div>
      </Section>
      <Section title={t('delete.title')}>
        <p>{t('delete.text')}</p>
        <div className={styles.row}>
          <Button kind="danger" icon="trash" onClick={() => setAsking('delete')}>
            {t('delete.action')}
          </Button>
        </div>
      </Section>
      {asking === 'logOut' && <LogOutDialog username={username} onClose={close} />}
      {asking === 'delete' && <DeleteDialog username={username} onClose={close} />}
    </>
  );
}

function LogOutDialog({ username, onClose }: { username: string; onClose: () => void }) {
  const { t } = useTranslation('account');
  const logOut = useMutation({
    mutationFn: logOutEverywhere,
    onSuccess: () => leave(username),
  });
  return (
    <ConfirmDialog
      title={t('devices.dialog')}
      action={t('devices.action')}
      busy={logOut.isPending}
      onConfirm={() => logOut.mutate()}
      onClose={onClose}
    >
      <p>{t('devices.explained')}</p>
      {logOut.error && <ErrorNotice error={logOut.error} />}
    </ConfirmDialog>
  );
}
