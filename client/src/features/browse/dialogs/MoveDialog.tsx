import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { DeckSelect } from '@/shared/data/DeckSelect';

import type { DialogProps } from './ActionDialog';
import { ActionForm } from './ActionForm';

export function MoveDialog({ count, onAct, ...rest }: DialogProps) {
  const { t } = useTranslation('browse');
  const [deckId, setDeckId] = useState<number | null>(null);
  return (
    <ActionForm
      {...rest}
      title={t('move.title', { count })}
      submit={t('move.submit')}
      disabled={deckId === null}
      onSubmit={() => deckId !== null && onAct({ action: 'move', deck_id: deckId })}
    >
      <DeckSelect label={t('move.deck')} value={deckId} onChange={setDeckId} />
    </ActionForm>
  );
}
