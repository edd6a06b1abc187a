import { useTranslation } from 'react-i18next';

import { Checkbox, Select } from '@/shared/ui';

import styles from './transfer.module.css';
import type { PackageOptions } from './wanted';

const SWITCHES = ['with_scheduling', 'with_deck_configs', 'merge_notetypes'] as const;
const UPDATES = ['update_notes', 'update_notetypes'] as const;
const WHEN = ['if_newer', 'always', 'never'] as const;

interface PackageOptionsFormProps {
  options: PackageOptions;
  onChange: (options: PackageOptions) => void;
}

/** How a package is merged: what Anki's own dialog asks. */
export function PackageOptionsForm({ options, onChange }: PackageOptionsFormProps) {
  const { t } = useTranslation('transfer');
  return (
    <div className={styles.section}>
      <div>
        {SWITCHES.map((name) => (
          <Checkbox
            key={name}
            checked={options[name]}
            onChange={(checked) => onChange({ ...options, [name]: checked })}
          >
            {t(`package.${name}`)}
            <br />
            <span className={styles.small}>{t(`package.${name}_hint`)}</span>
          </Checkbox>
        ))}
      </div>
      <div className={styles.columns}>
        {UPDATES.map((name) => (
          <Select
            key={name}
            label={t(`package.${name}`)}
            value={options[name]}
            options={WHEN.map((value) => ({ value, label: t(`package.when.${value}`) }))}
            onChange={(text) => {
              const when = WHEN.find((one) => one === text);
              if (when) onChange({ ...options, [name]: when });
            }}
          />
        ))}
      </div>
    </div>
  );
}
