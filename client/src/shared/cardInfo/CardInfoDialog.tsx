import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { Dialog, ErrorNotice, Spinner } from '@/shared/ui';

import { cardInfoQuery } from './api';
import { Facts } from './Facts';
import { ReviewLog } from './ReviewLog';

/** What the scheduler knows of a card, and every answer to it. */
export default function CardInfoDialog(props: { cardId: number; onClose: () => void }) {
  const { t } = useTranslation('cardInfo');
  const { data, error, refetch } = useQuery(cardInfoQuery(props.cardId));
  return (
    <Dialog title={t('title')} onClose={props.onClose}>
      {data ? (
        <>
          <Facts info={data} />
          <ReviewLog info={data} />
        </>
      ) : error ? (
        <ErrorNotice error={error} onRetry={() => void refetch()} />
      ) : (
        <Spinner />
      )}
    </Dialog>
  );
}
