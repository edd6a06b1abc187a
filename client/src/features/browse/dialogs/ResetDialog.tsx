import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Checkbox } from '@/shared/ui';

import type { DialogProps } from './ActionDialog';
import { ActionForm } from './ActionForm';

export function ResetDialog({ count, onAct, ...rest }: DialogProps) {
  const { t } = useTranslation('browse');
  const [restorePosition, setRestorePosition] = useState(true);
  const [resetCounts, setResetCounts] = useState(false);
  return (
    <ActionForm
      {...rest}
      title={t('reset.title', { count })}
      submit={t('reset.submit')}
      onSubmit={() =>
        onAct({ action: 'reset', restore_position: restorePosition, reset_counts: resetCounts })
      }
    >
      <p>{t('reset.text')}</p>
      <div>
        <Checkbox checked={restorePosition} onChange={setRestorePosition}>
          {t('reset.restorePosition')}
        </Checkbox>
        <Checkbox checked={resetCounts} onChange={setResetCounts}>
          {t('reset.resetCounts')}
        </Checkbox>
      </div>
    </ActionForm>
  );
}
