import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { type Notetype, notetypesQuery } from '@/shared/data/notetypes';
import { Button, EmptyState, ErrorNotice, Page } from '@/shared/ui';

import { AddDialog } from './AddDialog';
import { DeleteDialog } from './DeleteDialog';
import styles from './notetypes.module.css';

/** All notetypes. */
export function Component() {
  const { t } = useTranslation('notetypes');
  const { data: notetypes, error, refetch } = useQuery(notetypesQuery);
  const [isAdding, setAdding] = useState(false);
  const [deleting, setDeleting] = useState<Notetype | null>(null);
  return (
    <Page
      title={t('title')}
      actions={
        <Button kind="primary" icon="add" onClick={() => setAdding(true)}>
          {t('add')}
        </Button>
      }
    >
      {error && !notetypes && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {notetypes?.length === 0 && <EmptyState icon="edit" title={t('none')} />}
      {notetypes && notetypes.length > 0 && (
        <ul className={styles.list}>
          {notetypes.map((one) => (
            <li key={one.id} className={styles.item}>
              <Link to={`/notetypes/${one.id}`} className={styles.link}>
                <span className={styles.name}>{one.name}</span>
                <span className={styles.muted}>
                  {t('notes', { count: one.note_count })} ·{' '}
                  {one.fields.map((field) => field.name).join(', ')}
                </span>
              </Link>
              <Button kind="quiet" icon="trash" iconOnly onClick={() => setDeleting(one)}>
                {t('deleteOf', { name: one.name })}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {isAdding && <AddDialog notetypes={notetypes ?? []} onClose={() => setAdding(false)} />}
      {deleting && <DeleteDialog notetype={deleting} onClose={() => setDeleting(null)} />}
    </Page>
  );
}
