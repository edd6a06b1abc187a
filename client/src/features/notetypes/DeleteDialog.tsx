import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { newIdempotencyKey } from '@/shared/api/http';
import type { Notetype } from '@/shared/data/notetypes';
import { useUndoToast } from '@/shared/data/undoToast';
import { ConfirmDialog, ErrorNotice } from '@/shared/ui';

import { deleteNotetype } from './api';

interface DeleteDialogProps {
  notetype: Notetype;
  onClose: () => void;
}

export function DeleteDialog({ notetype, onClose }: DeleteDialogProps) {
  const { t } = useTranslation('notetypes');
  const client = useQueryClient();
  const undoToast = useUndoToast();
  const remove = useMutation({
    mutationFn: (key: string) => deleteNotetype(notetype.id, key),
    onSuccess: () => {
      undoToast(t('deleted', { name: notetype.name }), 'Remove notetype');
      onClose();
      void client.invalidateQueries();
    },
  });
  return (
    <ConfirmDialog
      title={t('deleteTitle', { name: notetype.name })}
      action={t('delete')}
      busy={remove.isPending}
      onConfirm={() => remove.mutate(newIdempotencyKey())}
      onClose={onClose}
    >
      {remove.error && <ErrorNotice error={remove.error} />}
      <p>{t('deleteText', { count: notetype.note_count })}</p>
    </ConfirmDialog>
  );
}
