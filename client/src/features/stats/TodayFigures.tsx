import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';

import { ChartFigure, formatShare, shareOf } from '@/shared/charts';
import { formatNumber } from '@/shared/i18n/format';

import type { Stats } from './api';
import styles from './StatsPage.module.css';
import { studyTime } from './studyTime';

/** Today's answers, and the days in a row. */
export function TodayFigures({ stats }: { stats: Stats }) {
  const { t } = useTranslation('stats');
  const { today, streak } = stats;
  const answers = today.answer_count;
  const days = (count: number) => t('days', { count, amount: formatNumber(count) });
  const summary = answers
    ? t('today.summary', {
        count: answers,
        amount: formatNumber(answers),
        time: studyTime(today.answer_ms / 1000, 'long'),
      })
    : t('today.nothing');
  return (
    <ChartFigure wide title={t('today.title')} summary={summary}>
      <dl className={styles.figures}>
        {answers > 0 && <AnswerFigures today={today} />}
        <Figure name={t('streak.current')} value={days(streak.current)} />
        <Figure name={t('streak.longest')} value={days(streak.longest)} />
      </dl>
    </ChartFigure>
  );
}

function AnswerFigures({ today }: { today: Stats['today'] }) {
  const { t } = useTranslation('stats');
  const answers = today.answer_count;
  return (
    <>
      <Figure name={t('today.answers')} value={formatNumber(answers)} note={kindsOf(today, t)} />
      <Figure
        name={t('today.time')}
        value={studyTime(today.answer_ms / 1000)}
        note={t('today.perCard', { time: studyTime(today.answer_ms / 1000 / answers) })}
      />
      <Figure name={t('today.again')} value={formatNumber(today.again_count)} />
      <Figure
        name={t('today.correct')}
        value={formatShare(shareOf(today.correct_count, answers))}
        note={t('of', parts(today.correct_count, answers))}
      />
      {today.mature_count > 0 && (
        <Figure
          name={t('today.mature')}
          value={formatShare(shareOf(today.mature_correct, today.mature_count))}
          note={t('of', parts(today.mature_correct, today.mature_count))}
        />
      )}
    </>
  );
}

/** How many answers of which kind, young and mature ones being reviews here. */
function kindsOf(today: Stats['today'], t: TFunction<'stats'>): string {
  const counts = {
    learn: today.learn_count,
    review: today.review_count,
    relearn: today.relearn_count,
    filtered: today.filtered_count,
  };
  return (['learn', 'review', 'relearn', 'filtered'] as const)
    .filter((kind) => counts[kind] > 0)
    .map((kind) => `${t(`kinds.${kind}`)}\u00a0${formatNumber(counts[kind])}`)
    .join('\u00a0· ');
}

function parts(part: number, whole: number) {
  return { part: formatNumber(part), whole: formatNumber(whole) };
}

function Figure({ name, value, note }: { name: string; value: string; note?: string }) {
  return (
    <div className={styles.figure}>
      <dt>{name}</dt>
      <dd>
        <span className={styles.value}>{value}</span>
        {note && <div className={styles.note}>{note}</div>}
      </dd>
    </div>
  );
}
