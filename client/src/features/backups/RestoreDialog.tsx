import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { undoIfLast } from '@/shared/data/undo';
import { formatDateTime } from '@/shared/i18n/format';
import { ConfirmDialog, ErrorNotice, toast, useErrorText } from '@/shared/ui';

import { type Backup, restoreBackup } from './api';

/** What the service calls it in the list of what can be undone. */
const OPERATION = 'Restore backup';

/** Says what a restore does, and that it can be undone. */
export function RestoreDialog({ backup, onClose }: { backup: Backup; onClose: () => void }) {
  const { t } = useTranslation('backups');
  const when = formatDateTime(backup.made_at);
  const undo = useUndo();
  const queryClient = useQueryClient();
  const restore = useMutation({
    mutationFn: () => restoreBackup(backup.id),
    onSuccess: async () => {
      onClose();
      toast(t('restored', { when }), { label: t('undo'), onSelect: () => undo.mutate() });
      await queryClient.invalidateQueries();
    },
  });
  return (
    <ConfirmDialog
      title={t('dialog.title')}
      action={t('dialog.action')}
      busy={restore.isPending}
      onConfirm={() => restore.mutate()}
      onClose={onClose}
    >
      <p>{t('dialog.text', { when })}</p>
      <p>{t('dialog.undo')}</p>
      {restore.error && <ErrorNotice error={restore.error} />}
    </ConfirmDialog>
  );
}

function useUndo() {
  const { t } = useTranslation('backups');
  const errorText = useErrorText();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: () => undoIfLast(OPERATION),
    onSuccess: (undone) => {
      toast(t(undone ? 'undone' : 'tooLate'));
      return queryClient.invalidateQueries();
    },
    onError: (error) => toast(errorText(error)),
  });
}
