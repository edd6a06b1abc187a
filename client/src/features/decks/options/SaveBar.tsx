import { useTranslation } from 'react-i18next';

import { Button, useErrorText } from '@/shared/ui';

import styles from './options.module.css';
import type { Options } from './useOptions';

/** Stays in sight while there is something to be saved. */
export function SaveBar({ options }: { options: Options }) {
  const { t } = useTranslation('decks');
  const errorText = useErrorText();
  const { isDirty, isBroken, save } = options;
  const problem = save.error ? errorText(save.error) : isBroken ? t('options.broken') : '';
  return (
    <div className={isDirty ? styles.bar : styles.noBar}>
      <p role="status" className={problem ? styles.problem : undefined}>
        {problem || (isDirty ? t('options.unsaved') : '')}
      </p>
      {isDirty && (
        <>
          <Button onClick={options.discard}>{t('options.discard')}</Button>
          <Button type="submit" kind="primary" busy={save.isPending}>
            {t('save')}
          </Button>
        </>
      )}
    </div>
  );
}
