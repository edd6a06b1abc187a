import { useTranslation } from 'react-i18next';

import { Checkbox, Dialog } from '@/shared/ui';

import { COLUMNS, showColumn, useColumns } from './columns';
import styles from './ColumnsDialog.module.css';

/** Which columns this device shows. */
export function ColumnsDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('browse');
  const shown = useColumns();
  return (
    <Dialog title={t('columns')} onClose={onClose}>
      <div className={styles.columns}>
        {COLUMNS.filter((column) => column !== 'front').map((column) => (
          <Checkbox
            key={column}
            checked={shown.includes(column)}
            onChange={(isShown) => showColumn(column, isShown)}
          >
            {t(`column.${column}`)}
          </Checkbox>
        ))}
      </div>
    </Dialog>
  );
}
