import { useTranslation } from 'react-i18next';

import styles from './Spinner.module.css';

/** Something is on its way. */
export function Spinner({ small = false }: { small?: boolean }) {
  const { t } = useTranslation('ui');
  return (
    <span role="status" aria-label={t('loading')} className={small ? styles.small : styles.large} />
  );
}
