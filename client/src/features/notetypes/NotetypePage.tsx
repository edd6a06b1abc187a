import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';

import { ErrorNotice, Page } from '@/shared/ui';

import { notetypeQuery } from './api';
import { NotetypeForm } from './NotetypeForm';

/** One notetype: its fields, its templates and its style. */
export function Component() {
  const { t } = useTranslation('notetypes');
  const notetypeId = Number(useParams()['notetypeId']);
  const { data: notetype, error, refetch } = useQuery(notetypeQuery(notetypeId));
  return (
    <Page
      title={notetype?.name ?? t('notetype')}
      wide
      back={{ to: '/notetypes', label: t('title') }}
    >
      {error && !notetype && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {notetype && <NotetypeForm key={notetypeId} notetype={notetype} />}
    </Page>
  );
}
