import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { newIdempotencyKey } from '@/shared/api/http';
import { useUndoToast } from '@/shared/data/undoToast';
import { toast } from '@/shared/ui';

import { type Action, type ActionName, actOnCards } from './api';

/** What the service calls these changes in its list of what can be undone. */
const OPERATIONS: Record<ActionName, string> = {
  suspend: 'Suspend',
  unsuspend: 'Unsuspend',
  bury: 'Bury',
  unbury: 'Unbury',
  flag: 'Set flag',
  move: 'Change deck',
  reset: 'Reset card',
  set_due: 'Set due date',
  reposition: 'Reposition',
  add_tags: 'Add tags',
  remove_tags: 'Remove tags',
  delete: 'Delete card',
};

interface Acting {
  isBusy: boolean;
  error: unknown;
  act: (cardIds: readonly number[], action: Action, onDone?: () => void) => void;
  forgetError: () => void;
}

/** Does something to many cards in one step, says so, and offers to take it back. */
export function useActing(): Acting {
  const { t } = useTranslation('browse');
  const queryClient = useQueryClient();
  const undoToast = useUndoToast();
  const acting = useMutation({
    mutationFn: actOnCards,
    onSuccess: (changed, { action: { action } }) => {
      if (changed === 0) toast(t('done.nothing'));
      else undoToast(t(`done.${action}`, { count: changed }), OPERATIONS[action]);
      // Counts of decks, tags, statistics: nearly everything shows something of a card.
      void queryClient.invalidateQueries();
    },
  });
  return {
    isBusy: acting.isPending,
    error: acting.error,
    act: (cardIds, action, onDone) => {
      if (acting.isPending || cardIds.length === 0) return;
      acting.mutate({ cardIds, action, key: newIdempotencyKey() }, { onSuccess: () => onDone?.() });
    },
    forgetError: acting.reset,
  };
}
