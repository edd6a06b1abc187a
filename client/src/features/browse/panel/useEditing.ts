import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { newIdempotencyKey } from '@/shared/api/http';
import { useUndoToast } from '@/shared/data/undoToast';

import { type Card, type CardAnswer, cardQuery, saveCard } from '../api';
import { type Draft, changesOf, draftOf } from './draft';

export interface Editing {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  save: () => void;
  isDirty: boolean;
  isSaving: boolean;
  error: unknown;
}

/** A card that is being changed; what was written while it was saved stays to be saved. */
export function useEditing(card: Card): Editing {
  const { t } = useTranslation('browse');
  const queryClient = useQueryClient();
  const undoToast = useUndoToast();
  const [written, setWritten] = useState<Draft | null>(null);
  const draft = written ?? draftOf(card);
  const changes = changesOf(card, draft);
  const saving = useMutation({
    mutationFn: saveCard,
    onSuccess: (saved, { changes }) => {
      queryClient.setQueryData<CardAnswer>(
        cardQuery(card.id).queryKey,
        (known) => known && { ...known, card: saved },
      );
      setWritten((now) => (now === written ? null : now));
      // What the service calls it in its list of what can be undone.
      undoToast(t('panel.done'), changes.deck_id === undefined ? 'Edit note' : 'Change deck');
      void queryClient.invalidateQueries();
    },
  });
  return {
    draft,
    change: (part) => setWritten({ ...draft, ...part }),
    save: () => {
      if (!changes || saving.isPending) return;
      saving.mutate({ cardId: card.id, changes, key: newIdempotencyKey() });
    },
    isDirty: changes !== null,
    isSaving: saving.isPending,
    error: saving.error,
  };
}
