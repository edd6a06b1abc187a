/** A message that something was done, with a way to take it back. */
import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';

import { toast, useErrorText } from '@/shared/ui';

import { undoIfLast } from './undo';

/** `operation` is the service's name of what was done: nothing else is taken back. */
export function useUndoToast(): (text: string, operation: string) => void {
  const { t } = useTranslation('data');
  const client = useQueryClient();
  const errorText = useErrorText();
  return useCallback(
    (text: string, operation: string) => {
      const undo = async () => {
        try {
          const undone = await undoIfLast(operation);
          toast(t(undone ? 'undone' : 'notLast'));
          await client.invalidateQueries();
        } catch (error) {
          toast(errorText(error));
        }
      };
      toast(text, { label: t('undo'), onSelect: () => void undo() });
    },
    [t, client, errorText],
  );
}
