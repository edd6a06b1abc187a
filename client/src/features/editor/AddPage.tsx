import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';

import { notetypesQuery } from '@/shared/data/notetypes';
import { EmptyState, ErrorNotice, LinkButton, Page } from '@/shared/ui';

import { AddForm } from './AddForm';

/** Adds notes to the deck that the address says. */
export function Component() {
  const { t } = useTranslation('editor');
  const deckId = Number(useParams()['deckId']);
  const { data: notetypes, error, refetch } = useQuery(notetypesQuery);
  return (
    <Page title={t('add')} wide back={{ to: `/decks/${deckId}`, label: t('toDeck') }}>
      {error && !notetypes && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {notetypes?.length === 0 && (
        <EmptyState
          icon="edit"
          title={t('noNotetypes')}
          action={<LinkButton to="/notetypes">{t('manageNotetypes')}</LinkButton>}
        />
      )}
      {notetypes && notetypes.length > 0 && <AddForm deckId={deckId} notetypes={notetypes} />}
    </Page>
  );
}
