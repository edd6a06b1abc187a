import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useParams, useSearchParams } from 'react-router';

import { notetypesQuery } from '@/shared/data/notetypes';
import { ErrorNotice, Page } from '@/shared/ui';

import { cardQuery } from './api';
import { EditForm } from './EditForm';
import { wayBack } from './wayBack';

/** Edits the note of a card. */
export function Component() {
  const { t } = useTranslation('editor');
  const cardId = Number(useParams()['cardId']);
  const [query] = useSearchParams();
  const card = useQuery(cardQuery(cardId));
  const notetypes = useQuery(notetypesQuery);
  const back = wayBack(query.get('back')) ?? (card.data ? `/decks/${card.data.deck_id}` : '/');
  const notetype = notetypes.data?.find((one) => one.id === card.data?.notetype_id);
  const failed = [card, notetypes].find((one) => one.error && !one.data);
  return (
    <Page title={t('edit')} wide back={{ to: back, label: t('back') }}>
      {failed && <ErrorNotice error={failed.error} onRetry={() => void failed.refetch()} />}
      {card.data && notetype && (
        <EditForm key={cardId} card={card.data} notetype={notetype} back={back} />
      )}
    </Page>
  );
}
