import { useTranslation } from 'react-i18next';

import { Dialog } from '@/shared/ui';

import styles from './KeysDialog.module.css';

const KEYS = [
  [['␣', '↵'], 'show'],
  [['1', '2', '3', '4'], 'rate'],
  [['␣', '↵'], 'good'],
  [['U', 'Ctrl+Z'], 'undo'],
  [['Ctrl+⇧+Z', 'Ctrl+Y'], 'redo'],
  [['E'], 'edit'],
  [['-'], 'bury'],
  [['='], 'buryNote'],
  [['@'], 'suspend'],
  [['*'], 'mark'],
  [['Ctrl+1', 'Ctrl+7'], 'flag'],
  [['R'], 'replay'],
  [['I'], 'info'],
  [['⇧+A'], 'advance'],
  [['↑', '↓'], 'scroll'],
  [['?'], 'keys'],
] as const;

/** The keys, and what they do. */
export function KeysDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('study');
  const nameOf = (key: string) =>
    key === '␣'
      ? t('keyNames.space')
      : key === '↵'
        ? t('keyNames.enter')
        : key.replace('⇧', t('keyNames.shift'));
  return (
    <Dialog title={t('keys')} onClose={onClose}>
      <table className={styles.table}>
        <thead className="visually-hidden">
          <tr>
            <th scope="col">{t('key')}</th>
            <th scope="col">{t('meaning')}</th>
          </tr>
        </thead>
        <tbody>
          {KEYS.map(([keys, meaning]) => (
            <tr key={meaning}>
              <td>
                {keys.map((key, index) => (
                  <span key={key}>
                    {index > 0 && (meaning === 'flag' ? ' … ' : ' ')}
                    <kbd>{nameOf(key)}</kbd>
                  </span>
                ))}
              </td>
              <td>{t(`does.${meaning}`)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Dialog>
  );
}
