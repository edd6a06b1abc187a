import { useTranslation } from 'react-i18next';

import { EmptyState, LinkButton, Page } from '@/shared/ui';

export function NotFoundPage() {
  const { t } = useTranslation('shell');
  return (
    <Page title={t('notFound.title')}>
      <EmptyState
        icon="info"
        title={t('notFound.text')}
        action={
          <LinkButton kind="primary" to="/">
            {t('notFound.home')}
          </LinkButton>
        }
      />
    </Page>
  );
}
