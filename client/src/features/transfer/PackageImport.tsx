import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { formatBytes } from '@/shared/i18n/format';
import { Button, RadioGroup } from '@/shared/ui';

import { isWhole } from './files';
import type { ChosenFile } from './ImportPage';
import { More } from './More';
import { PackageOptionsForm } from './PackageOptionsForm';
import { ReplaceDialog } from './ReplaceDialog';
import styles from './transfer.module.css';
import { PACKAGE_OPTIONS, type Wanted } from './wanted';

interface PackageImportProps {
  files: readonly ChosenFile[];
  onRemove: (file: ChosenFile) => void;
  onImport: (wanted: Wanted) => void;
}

const MODES = ['merge', 'replace'] as const;

/** Packages that are about to be imported, and how. */
export function PackageImport({ files, onRemove, onImport }: PackageImportProps) {
  const { t } = useTranslation('transfer');
  const [options, setOptions] = useState(PACKAGE_OPTIONS);
  const [wish, setWish] = useState<(typeof MODES)[number]>('merge');
  const [asking, setAsking] = useState(false);
  const [only] = files;
  const canReplace = files.length === 1 && only !== undefined && isWhole(only.format);
  const mode = canReplace ? wish : 'merge';
  const start = () => onImport(mode === 'replace' ? { mode } : { mode, ...options });
  return (
    <section className={styles.box} aria-label={t('import.chosen')}>
      <h2>{t('import.chosen')}</h2>
      <ul className={styles.list}>
        {files.map((chosen) => (
          <li key={chosen.id} className={styles.file}>
            <span className={styles.name}>{chosen.file.name}</span>
            <span className={styles.muted}>{formatBytes(chosen.file.size)}</span>
            <Button kind="quiet" icon="close" iconOnly onClick={() => onRemove(chosen)}>
              {t('import.remove', { name: chosen.file.name })}
            </Button>
          </li>
        ))}
      </ul>
      {canReplace && (
        <RadioGroup
          label={t('mode.label')}
          value={wish}
          choices={MODES.map((value) => ({
            value,
            label: t(`mode.${value}`),
            hint: t(`mode.${value}Hint`),
          }))}
          onChange={setWish}
        />
      )}
      {mode === 'merge' && (
        <More summary={t('import.options')}>
          <PackageOptionsForm options={options} onChange={setOptions} />
        </More>
      )}
      <div className={styles.row}>
        <Button
          kind={mode === 'replace' ? 'danger' : 'primary'}
          icon="upload"
          onClick={mode === 'replace' ? () => setAsking(true) : start}
        >
          {mode === 'replace' ? t('mode.replaceNow') : t('import.start', { count: files.length })}
        </Button>
      </div>
      {asking && only && (
        <ReplaceDialog name={only.file.name} onConfirm={start} onClose={() => setAsking(false)} />
      )}
    </section>
  );
}
