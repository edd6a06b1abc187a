import { useTranslation } from 'react-i18next';

import { Button, EmptyState, Page } from '@/shared/ui';

/** Where a page cannot be shown: most often an old page after a new version. */
export function RouteError() {
  const { t } = useTranslation('shell');
  return (
    <Page title={t('broken.title')}>
      <EmptyState
        icon="warning"
        title={t('broken.text')}
        action={
          <Button kind="primary" onClick={() => window.location.reload()}>
            {t('broken.reload')}
          </Button>
        }
      />
    </Page>
  );
}
