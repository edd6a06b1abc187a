import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { fieldError } from '@/shared/api/errors';
import { TextField } from '@/shared/ui';

import type { DialogProps } from './ActionDialog';
import { ActionForm } from './ActionForm';
import styles from './dialogs.module.css';

const EXAMPLES = { today: '0', tomorrow: '1', range: '3-7', exact: '7!' } as const;
const DAYS = /^\d{1,5}(?:-\d{1,5})?!?$/;

/** In how many days the cards are due, in Anki's own notation. */
export function DueDialog({ count, onAct, ...rest }: DialogProps) {
  const { t } = useTranslation('browse');
  const [days, setDays] = useState('');
  const written = days.replace(/\s/g, '');
  return (
    <ActionForm
      {...rest}
      title={t('set_due.title', { count })}
      submit={t('set_due.submit')}
      disabled={!DAYS.test(written)}
      ownField="days"
      onSubmit={() => onAct({ action: 'set_due', days: written })}
    >
      <TextField
        label={t('set_due.days')}
        autoComplete="off"
        value={days}
        error={fieldError(rest.error, 'days') && t('set_due.wrong')}
        onChange={(event) => setDays(event.target.value)}
      />
      <dl className={styles.syntax}>
        {Object.entries(EXAMPLES).map(([name, example]) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt>{example}</dt>
            <dd>{t(`set_due.${name}`)}</dd>
          </div>
        ))}
      </dl>
      <p className={styles.muted}>{t('set_due.new')}</p>
    </ActionForm>
  );
}
