import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Checkbox, ConfirmDialog } from '@/shared/ui';

interface ReplaceDialogProps {
  name: string;
  onConfirm: () => void;
  onClose: () => void;
}

/** Before a file takes the place of all that there is. */
export function ReplaceDialog({ name, onConfirm, onClose }: ReplaceDialogProps) {
  const { t } = useTranslation('transfer');
  const [sure, setSure] = useState(false);
  return (
    <ConfirmDialog
      title={t('replace.title')}
      action={t('mode.replaceNow')}
      disabled={!sure}
      onConfirm={onConfirm}
      onClose={onClose}
    >
      <p>{t('replace.text', { name })}</p>
      <p>{t('replace.backup')}</p>
      <Checkbox checked={sure} onChange={setSure}>
        {t('replace.sure')}
      </Checkbox>
    </ConfirmDialog>
  );
}
