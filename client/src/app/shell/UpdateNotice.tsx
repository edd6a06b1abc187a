import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Button } from '@/shared/ui';

import { startOfflineCopy } from '../offlineCopy';
import styles from './UpdateNotice.module.css';

/** A quiet line when a newer version waits: nobody is interrupted. */
export function UpdateNotice() {
  const { t } = useTranslation('shell');
  const [use, setUse] = useState<(() => void) | null>(null);
  useEffect(() => {
    void startOfflineCopy((useNew) => setUse(() => useNew));
  }, []);
  if (!use) return null;
  return (
    <div className={styles.notice} role="status">
      <span>{t('update.ready')}</span>
      <Button onClick={use}>{t('update.use')}</Button>
      <Button kind="quiet" icon="close" iconOnly onClick={() => setUse(null)}>
        {t('update.later')}
      </Button>
    </div>
  );
}
