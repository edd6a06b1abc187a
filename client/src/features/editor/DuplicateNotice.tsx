import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { Notice } from '@/shared/ui';

/** Another note has the same first field. */
export function DuplicateNotice({ noteId }: { noteId: number | null | undefined }) {
  const { t } = useTranslation('editor');
  return (
    <div role="status">
      {noteId && (
        <Notice kind="warning" title={t('duplicate')}>
          <Link to={`/browse?q=nid:${noteId}`}>{t('showDuplicate')}</Link>
        </Notice>
      )}
    </div>
  );
}
