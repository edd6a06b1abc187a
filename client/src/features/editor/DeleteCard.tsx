import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { newIdempotencyKey } from '@/shared/api/http';
import { useUndoToast } from '@/shared/data/undoToast';
import { ConfirmDialog, ErrorNotice } from '@/shared/ui';

import { type Card, cardQuery, deleteCard } from './api';

interface DeleteCardProps {
  card: Card;
  onClose: () => void;
  onDeleted: () => void;
}

export function DeleteCard({ card, onClose, onDeleted }: DeleteCardProps) {
  const { t } = useTranslation('editor');
  const client = useQueryClient();
  const undoToast = useUndoToast();
  const remove = useMutation({
    mutationFn: (key: string) => deleteCard(card.id, key),
    onSuccess: () => {
      undoToast(t('deleted'), 'Delete card');
      onDeleted();
      client.removeQueries({ queryKey: cardQuery(card.id).queryKey });
      void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[1] !== card.id });
    },
  });
  return (
    <ConfirmDialog
      title={t('deleteTitle')}
      action={t('delete')}
      busy={remove.isPending}
      onConfirm={() => remove.mutate(newIdempotencyKey())}
      onClose={onClose}
    >
      {remove.error && <ErrorNotice error={remove.error} />}
      <p>{t('deleteText')}</p>
    </ConfirmDialog>
  );
}
