import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { Button, ErrorNotice, Notice } from '@/shared/ui';

import { type MediaCheck, checkMedia } from './api';
import { DeleteDialog } from './DeleteDialog';
import styles from './MediaPage.module.css';

/** So many notes fit into an address. */
const LINKED_NOTES = 100;

/** Which files notes ask for in vain, and which no note asks for. */
export function CheckSection() {
  const { t } = useTranslation('media');
  const check = useMutation({ mutationFn: checkMedia });
  return (
    <section className={styles.check} aria-label={t('check.title')}>
      <h2>{t('check.title')}</h2>
      <p className={styles.muted}>{t('check.text')}</p>
      <div>
        <Button busy={check.isPending} onClick={() => check.mutate()}>
          {t('check.action')}
        </Button>
      </div>
      {check.error && <ErrorNotice error={check.error} />}
      {check.data && <Found found={check.data} onDeleted={() => check.mutate()} />}
    </section>
  );
}

function Found({ found, onDeleted }: { found: MediaCheck; onDeleted: () => void }) {
  const { t } = useTranslation('media');
  const [deleting, setDeleting] = useState(false);
  const { missing, unused, note_ids } = found;
  if (missing.length + unused.length === 0) {
    return (
      <div role="status">
        <Notice kind="success" title={t('check.allWell')} />
      </div>
    );
  }
  const search = `nid:${note_ids.slice(0, LINKED_NOTES).join(',')}`;
  return (
    <div role="status" className={styles.found}>
      {missing.length > 0 && (
        <Names title={t('check.missing', { count: missing.length })} names={missing}>
          {note_ids.length > 0 && (
            <Link to={`/browse?q=${encodeURIComponent(search)}`}>{t('check.notes')}</Link>
          )}
        </Names>
      )}
      {unused.length > 0 && (
        <Names title={t('check.unused', { count: unused.length })} names={unused}>
          <Button kind="danger" icon="trash" onClick={() => setDeleting(true)}>
            {t('check.deleteUnused')}
          </Button>
        </Names>
      )}
      {deleting && (
        <DeleteDialog names={unused} onDeleted={onDeleted} onClose={() => setDeleting(false)} />
      )}
    </div>
  );
}

interface NamesProps {
  title: string;
  names: readonly string[];
  children: React.ReactNode;
}

function Names({ title, names, children }: NamesProps) {
  return (
    <div className={styles.found}>
      <h3>{title}</h3>
      <ul className={styles.names} tabIndex={0} aria-label={title}>
        {names.map((name) => (
          <li key={name}>{name}</li>
        ))}
      </ul>
      <div>{children}</div>
    </div>
  );
}
