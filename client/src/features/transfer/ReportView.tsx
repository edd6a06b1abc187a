import { useTranslation } from 'react-i18next';

import { formatNumber } from '@/shared/i18n/format';

import type { ImportReport } from './api';
import styles from './ImportList.module.css';
import { More } from './More';
import { shortened } from './reportText';
import shared from './transfer.module.css';

/** What an import has brought, and what was left out or put right. */
export function ReportView({ report }: { report: ImportReport }) {
  const { t } = useTranslation('transfer');
  const { notes } = report;
  const numbers = [
    ['new', notes.new],
    ['updated', notes.updated],
    ['unchanged', notes.unchanged],
    ['conflicting', notes.conflicting],
    ['cards', report.cards],
    ['reviews', report.revlog],
    ['media', report.media],
  ] as const;
  return (
    <>
      <dl className={styles.numbers}>
        {numbers
          .filter(([name, number]) => number > 0 || name === 'new')
          .map(([name, number]) => (
            <div key={name}>
              <dt>{t(`report.${name}`)}</dt>
              <dd>{formatNumber(number)}</dd>
            </div>
          ))}
      </dl>
      {notes.conflicting > 0 && <p className={shared.small}>{t('report.conflictingHint')}</p>}
      <Log lines={report.log} />
    </>
  );
}

function Log({ lines }: { lines: readonly string[] }) {
  const { t } = useTranslation('transfer');
  const { shown, hidden } = shortened(lines);
  if (shown.length === 0) return null;
  return (
    <div>
      <p className={shared.small}>{t('report.log')}</p>
      <Sentences lines={shown} />
      {hidden.length > 0 && (
        <More summary={t('report.more', { count: hidden.length })}>
          <Sentences lines={hidden} isLong />
        </More>
      )}
    </div>
  );
}

function Sentences({ lines, isLong = false }: { lines: readonly string[]; isLong?: boolean }) {
  return (
    <ul
      lang="en"
      className={isLong ? `${styles.log ?? ''} ${styles.long ?? ''}` : styles.log}
      // What scrolls has to be reached by keyboard.
      tabIndex={isLong ? 0 : undefined}
    >
      {lines.map((line, index) => (
        <li key={index}>{line}</li>
      ))}
    </ul>
  );
}
