import { useTranslation } from 'react-i18next';

import { formatDateTime, formatDuration, formatNumber, formatPercent } from '@/shared/i18n/format';

import type { CardInfo, Review } from './api';
import styles from './CardInfoDialog.module.css';

const COLUMNS = ['date', 'kind', 'rating', 'interval', 'ease', 'time'] as const;
const NONE = '–';

/** Every answer, and every change of the schedule without one; the newest first. */
export function ReviewLog({ info }: { info: CardInfo }) {
  const { t } = useTranslation('cardInfo');
  const { reviews, review_count: count } = info;
  if (reviews.length === 0) return <p className={styles.none}>{t('noReviews')}</p>;
  return (
    <div className={styles.log}>
      <h3 id="card-reviews">{t('reviews')}</h3>
      {/* Who has no mouse scrolls it by keys. */}
      <div className={styles.scroll} role="region" aria-labelledby="card-reviews" tabIndex={0}>
        <table className={styles.table}>
          <thead>
            <tr>
              {COLUMNS.map((column) => (
                <th key={column} scope="col">
                  {t(`log.${column}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {reviews.map((review) => (
              <Row key={review.reviewed_at} review={review} />
            ))}
          </tbody>
        </table>
      </div>
      {count > reviews.length && (
        <p className={styles.none}>{t('more', { count, number: formatNumber(count) })}</p>
      )}
    </div>
  );
}

function Row({ review }: { review: Review }) {
  const { t } = useTranslation('cardInfo');
  const { rating, interval_s, ease, taken_ms } = review;
  return (
    <tr>
      <td>{formatDateTime(review.reviewed_at)}</td>
      <td>{t(`kinds.${review.kind}`)}</td>
      <td className={rating === 1 ? styles.again : undefined}>
        {rating === 0 ? NONE : t(`ratings.${rating}`, { defaultValue: String(rating) })}
      </td>
      <td>{interval_s > 0 ? formatDuration(interval_s) : NONE}</td>
      <td>{ease > 0 ? formatPercent(ease, 0) : NONE}</td>
      <td>{taken_ms > 0 ? formatDuration(taken_ms / 1000) : NONE}</td>
    </tr>
  );
}
