import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { formatDate } from '@/shared/i18n/format';
import { ErrorNotice, Page, Spinner } from '@/shared/ui';

import styles from './AccountPage.module.css';
import { accountQuery } from './api';
import { EndingSection } from './EndingSection';
import { PasswordSection } from './PasswordSection';
import { PersonSection } from './PersonSection';
import { ScreenSection } from './ScreenSection';
import { TimeZoneSection } from './TimeZoneSection';

/** One's own account: name, language and looks, the day, the password, and its end. */
export function Component() {
  const { t } = useTranslation('account');
  const { data: account, error, refetch } = useQuery(accountQuery);
  return (
    <Page title={t('title')}>
      {!account && !error && <Spinner />}
      {!account && error && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {account && (
        <>
          <p className={styles.muted}>
            {t('since', { username: account.username, date: formatDate(account.created_at) })}
          </p>
          <div className={styles.sections}>
            <PersonSection account={account} />
            <ScreenSection account={account} />
            <TimeZoneSection account={account} />
            <PasswordSection account={account} />
            <EndingSection username={account.username} />
          </div>
        </>
      )}
    </Page>
  );
}
