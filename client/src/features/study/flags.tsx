import { useTranslation } from 'react-i18next';

import { Button, Dialog, Icon } from '@/shared/ui';

import styles from './flags.module.css';

export const FLAGS = [1, 2, 3, 4, 5, 6, 7] as const;

export function FlagSign({ flag }: { flag: number }) {
  const { t } = useTranslation('study');
  const name = t('flagNamed', { colour: t(`flags.${flag}`) });
  return (
    <span className={styles.flag} data-flag={flag} role="img" aria-label={name} title={name}>
      <Icon name="flag" filled />
    </span>
  );
}

interface FlagDialogProps {
  flag: number;
  onChoose: (flag: number) => void;
  onClose: () => void;
}

/** Which flag the card is to have. */
export function FlagDialog({ flag, onChoose, onClose }: FlagDialogProps) {
  const { t } = useTranslation('study');
  return (
    <Dialog title={t('flag')} onClose={onClose}>
      <ul className={styles.choices}>
        {FLAGS.map((one) => (
          <li key={one}>
            <Button
              wide
              aria-pressed={one === flag}
              kind={one === flag ? 'secondary' : 'quiet'}
              onClick={() => onChoose(one)}
            >
              <span className={styles.choice}>
                <span className={styles.flag} data-flag={one}>
                  <Icon name="flag" filled />
                </span>
                {t(`flags.${one}`)}
              </span>
            </Button>
          </li>
        ))}
        {flag > 0 && (
          <li>
            <Button wide kind="quiet" onClick={() => onChoose(flag)}>
              {t('noFlag')}
            </Button>
          </li>
        )}
      </ul>
    </Dialog>
  );
}
