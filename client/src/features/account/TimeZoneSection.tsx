import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { type Account, deviceOffset } from '@/shared/data/account';
import { noteOffset } from '@/shared/data/offset';
import { Button, toast, useErrorText } from '@/shared/ui';

import styles from './AccountPage.module.css';
import { accountQuery } from './api';
import { offsetText } from './offsetText';
import { Section } from './Section';
import { useAccountChange } from './useAccountChange';

/** By which clock the day turns: the one of the device that was used last. */
export function TimeZoneSection({ account }: { account: Account }) {
  const { t } = useTranslation('account');
  const errorText = useErrorText();
  const queryClient = useQueryClient();
  const change = useAccountChange();
  const here = deviceOffset();
  const isHere = account.utc_offset_minutes === here;
  const follow = () =>
    change.mutate(
      { utc_offset_minutes: here },
      {
        onSuccess: () => {
          noteOffset(account.username);
          toast(t('zone.changed'));
          // What is due depends on when the day turns; the account is known already.
          void queryClient.invalidateQueries({
            predicate: ({ queryKey }) => queryKey[0] !== accountQuery.queryKey[0],
          });
        },
        onError: (error) => toast(errorText(error)),
      },
    );
  return (
    <Section title={t('zone.title')}>
      <p>{t('zone.text', { offset: offsetText(account.utc_offset_minutes ?? 0) })}</p>
      {isHere ? (
        <p className={styles.muted}>{t('zone.same')}</p>
      ) : (
        <>
          <p>{t('zone.other', { offset: offsetText(here) })}</p>
          <div className={styles.row}>
            <Button busy={change.isPending} onClick={follow}>
              {t('zone.follow')}
            </Button>
          </div>
        </>
      )}
    </Section>
  );
}
