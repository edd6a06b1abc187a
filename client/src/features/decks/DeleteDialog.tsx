import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { newIdempotencyKey } from '@/shared/api/http';
import { type Deck, decksQuery } from '@/shared/data/decks';
import { useUndoToast } from '@/shared/data/undoToast';
import { ConfirmDialog, ErrorNotice } from '@/shared/ui';

import { deleteDeck } from './api';
import { countSubdecks } from './tree';

interface DeleteDialogProps {
  deck: Deck;
  decks: readonly Deck[];
  onClose: () => void;
  onDeleted?: (() => void) | undefined;
}

/** Says what goes with a deck before it is deleted. */
export function DeleteDialog({ deck, decks, onClose, onDeleted }: DeleteDialogProps) {
  const { t } = useTranslation('decks');
  const client = useQueryClient();
  const undoToast = useUndoToast();
  const remove = useMutation({
    mutationFn: (key: string) => deleteDeck(deck.id, key),
    onSuccess: async () => {
      undoToast(t('deleted', { name: deck.name }), 'Delete deck');
      onDeleted?.();
      onClose();
      client.removeQueries({ queryKey: [...decksQuery.queryKey, deck.id] });
      await client.invalidateQueries();
    },
  });
  const subdecks = countSubdecks(decks, deck.id);
  return (
    <ConfirmDialog
      title={t('deleteOf', { name: deck.name })}
      action={t('menu.delete')}
      busy={remove.isPending}
      onConfirm={() => remove.mutate(newIdempotencyKey())}
      onClose={onClose}
    >
      {remove.error && <ErrorNotice error={remove.error} />}
      <p>
        {t(deck.filtered ? 'deleteFiltered' : 'deleteCards', { count: deck.total_cards })}{' '}
        {subdecks > 0 && t('deleteSubdecks', { count: subdecks })}
      </p>
    </ConfirmDialog>
  );
}
