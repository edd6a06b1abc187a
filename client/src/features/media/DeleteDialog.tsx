import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { ConfirmDialog, ErrorNotice, toast } from '@/shared/ui';

import { deleteMedia, mediaKey } from './api';
import styles from './MediaPage.module.css';

interface DeleteDialogProps {
  names: readonly string[];
  onDeleted?: () => void;
  onClose: () => void;
}

export function DeleteDialog({ names, onDeleted, onClose }: DeleteDialogProps) {
  const { t } = useTranslation('media');
  const queryClient = useQueryClient();
  const deletion = useMutation({
    mutationFn: () => deleteMedia(names),
    onSuccess: () => {
      onClose();
      onDeleted?.();
      toast(t('delete.done', { count: names.length }));
    },
    // Some may be gone when one could not be deleted.
    onSettled: () => queryClient.invalidateQueries({ queryKey: mediaKey }),
  });
  return (
    <ConfirmDialog
      title={t('delete.title', { count: names.length })}
      action={t('delete.action')}
      busy={deletion.isPending}
      onConfirm={() => deletion.mutate()}
      onClose={onClose}
    >
      <p className={styles.long}>{names.length === 1 ? names[0] : null}</p>
      <p>{t('delete.text')}</p>
      {deletion.error && <ErrorNotice error={deletion.error} />}
    </ConfirmDialog>
  );
}
