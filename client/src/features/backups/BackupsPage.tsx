import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { download } from '@/shared/api/download';
import { Button, EmptyState, ErrorNotice, Page, Spinner, toast, useErrorText } from '@/shared/ui';

import { type Backup, backupsQuery, makeBackup } from './api';
import { BackupRow } from './BackupRow';
import styles from './BackupsPage.module.css';
import { RestoreDialog } from './RestoreDialog';

/** The backups of the collection: what there is, one more, a file of one, and back to one. */
export function Component() {
  const { t } = useTranslation('backups');
  const backups = useQuery(backupsQuery);
  const [toRestore, setToRestore] = useState<Backup | null>(null);
  const making = useMaking(backups.data);
  const saving = useSaving();
  const make = (
    <Button kind="primary" icon="add" busy={making.isPending} onClick={() => making.mutate()}>
      {t('make')}
    </Button>
  );
  return (
    <Page title={t('title')} actions={backups.data?.length ? make : undefined}>
      <p className={styles.intro}>{t('intro')}</p>
      {backups.isPending && <Spinner />}
      {backups.error && (
        <ErrorNotice error={backups.error} onRetry={() => void backups.refetch()} />
      )}
      {backups.data?.length === 0 && (
        <EmptyState icon="history" title={t('empty.title')} action={make}>
          <p>{t('empty.text')}</p>
        </EmptyState>
      )}
      {backups.data && backups.data.length > 0 && (
        <ul className={styles.list}>
          {backups.data.map((backup) => (
            <BackupRow
              key={backup.id}
              backup={backup}
              saving={saving.isPending && saving.variables.id === backup.id}
              onSave={() => saving.mutate(backup)}
              onRestore={() => setToRestore(backup)}
            />
          ))}
        </ul>
      )}
      {toRestore && <RestoreDialog backup={toRestore} onClose={() => setToRestore(null)} />}
    </Page>
  );
}

function useMaking(known: readonly Backup[] | undefined) {
  const { t } = useTranslation('backups');
  const errorText = useErrorText();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: makeBackup,
    onSuccess: ({ id }) => {
      toast(t(known?.some((backup) => backup.id === id) ? 'thereAlready' : 'made'));
      return queryClient.invalidateQueries({ queryKey: backupsQuery.queryKey });
    },
    onError: (error) => toast(errorText(error)),
  });
}

function useSaving() {
  const errorText = useErrorText();
  return useMutation({
    mutationFn: ({ id }: Backup) => download(`/api/backups/${id}/file`, {}),
    onError: (error) => toast(errorText(error)),
  });
}
