import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { notetypesQuery } from '@/shared/data/notetypes';

import type { TextPreview } from './api';
import { columnUses } from './columns';
import styles from './PreviewTable.module.css';

/** The first rows of a text file, and over each column what becomes of it. */
export function PreviewTable({ preview, isFresh }: { preview: TextPreview; isFresh: boolean }) {
  const { t } = useTranslation('transfer');
  const notetypes = useQuery(notetypesQuery);
  const fields = notetypes.data?.find(({ id }) => id === preview.notetype_id)?.fields ?? [];
  const uses = columnUses(
    preview,
    fields.map(({ name }) => name),
  );
  return (
    <div
      className={styles.scroll}
      role="region"
      tabIndex={0}
      aria-label={t('text.firstRows')}
      aria-busy={!isFresh}
    >
      <table className={styles.table}>
        <caption className="visually-hidden">{t('text.firstRows')}</caption>
        <thead>
          <tr>
            {uses.map((use, index) => (
              <th key={index} scope="col">
                <span className={styles.column}>
                  {columnName(preview, index, t('text.column'))}
                </span>
                {use.kind === 'field' ? use.name : t(`text.use.${use.kind}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {preview.rows.map((row, index) => (
            <tr key={index}>
              {uses.map((_, column) => (
                <td key={column}>{row[column]}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function columnName({ columns }: TextPreview, index: number, word: string): string {
  return columns[index] ? `${index + 1} · ${columns[index]}` : `${word} ${index + 1}`;
}
